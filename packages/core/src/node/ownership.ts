import type { NodeId } from '../base/ids.ts';
import type { Ring } from '../ring/ring.ts';
import { recoveryPlan, type TransferPart, transferPlan } from '../transfer/plan.ts';
import { Puller, type PullerHost, type PullProgress } from '../transfer/puller.ts';

export const recoveringRow = 'm/recovering';
/** There from the first life of a directory on until it holds what the ring says its node holds. */
export const emptyRow = 'm/empty';

/** What a node is to its cluster. `left`: it has been a member, is none any more and holds nothing. */
export type NodeState = 'booting' | 'joining' | 'normal' | 'recovering' | 'leaving' | 'left' | 'stopping';

/** A take-over in progress, as an operator sees it: `take` is that of a member for which the ring changes. */
export interface TransferProgress extends PullProgress {
  readonly kind: 'join' | 'take' | 'recovery';
}

export interface OwnershipHost {
  readonly self: NodeId;
  readonly puller: PullerHost;
  /** Ask to be taken into the ring, until it lists this node. */
  requestJoin(): void;
  /** This node has left the ring and is to stay out of it. */
  departed(): boolean;
  /** Everything that the change in progress gives this node is here, durably. */
  ready(): void;
  /**
   * Makes what is derived from this node's records say what they say, while they are written. `then` runs in a step whose
   * batch goes down after everything that was mended. Answers how to give up.
   */
  reindex(then: () => void): () => void;
  /**
   * Notes durably that every other node is owed all it shares with this one: what was owed to whom may have been lost
   * with the rest, and nobody else remembers it.
   */
  oweEverybody(ring: Ring): void;
  /** Notes durably whether this node is recovering; `then` runs when that is on disk. */
  persistRecovering(recovering: boolean, then: () => void): void;
  /** Notes durably, with this step's batch, that this directory is not empty any more; `then` runs when it is on disk. */
  persistFilled(then: () => void): void;
  stateChanged(state: NodeState, reason: string): void;
}

/** What is taken over for one change. It outlives the epochs in which that change is only paused, or others wait behind it. */
interface Taking {
  readonly operation: string;
  finished: boolean;
}

/**
 * What this node does about the ring it finds itself in: ask to join, take over arcs, recover what it lost, leave. It starts
 * over at every new ring that moves something else, since the plan is a function of the ring alone.
 */
export class Ownership {
  readonly #host: OwnershipHost;
  #state: NodeState = 'booting';
  #recovering: boolean;
  #empty: boolean;
  #puller: Puller | null = null;
  #taking: Taking | null = null;
  /** What was taken over for the change in progress, when it had all come. */
  #taken: TransferProgress | null = null;
  #kind: TransferProgress['kind'] = 'join';
  #stopReindex: (() => void) | null = null;

  /** `recovering`: this node's own history has a hole; `empty`: this directory has never held what its node is to hold. */
  constructor(host: OwnershipHost, recovering: boolean, empty: boolean) {
    this.#host = host;
    this.#recovering = recovering;
    this.#empty = empty;
    if (recovering) this.#enter('recovering', "part of this node's own history is missing");
  }

  get state(): NodeState {
    return this.#state;
  }

  /** While true this node stores what it is given, but neither coordinates nor counts towards reads. */
  get recovering(): boolean {
    return this.#recovering;
  }

  /** What is taken over; also once it is all here, for as long as the change goes on for which it was. */
  get transfer(): TransferProgress | null {
    return this.#puller === null ? this.#taken : { kind: this.#kind, ...this.#puller.progress };
  }

  ringChanged(ring: Ring): void {
    if (this.#goesOn(ring)) return;
    this.#puller?.stop();
    this.#puller = null;
    this.#stopReindex?.();
    this.#stopReindex = null;
    this.#taking = null;
    this.#taken = null;
    const member = ring.member(this.#host.self);
    if (member === null) return this.#outside();
    if (member.status === 'joining') return this.#join(ring);
    if (this.#empty) this.#countedOn(ring);
    if (this.#recovering) return this.#recover(ring);
    this.#enter(
      member.status === 'leaving' ? 'leaving' : 'normal',
      `the ring of epoch ${ring.epoch} lists this node as ${member.status}`,
    );
    this.#take(ring);
  }

  /** Nothing is left here that others own. */
  freed(): void {
    if (this.#host.departed()) this.#enter('left', 'all that this node held is with the members of the ring');
  }

  /** Whether the new ring moves what the one before moved, so that what is under way for it goes on. */
  #goesOn(ring: Ring): boolean {
    const taking = this.#taking;
    if (taking === null || this.#recovering || ring.changing?.operation !== taking.operation) return false;
    this.#puller?.setPaused(ring.paused);
    if (taking.finished) this.#host.ready();
    return true;
  }

  #outside(): void {
    if (this.#host.departed())
      return this.#enter('leaving', 'this node has left the ring and hands over what it still holds');
    this.#enter('joining', 'the ring does not list this node yet');
    this.#host.requestJoin();
  }

  /** Part of what this node once held turns out to be missing: it recovers from the others, beginning now. */
  lostHistory(ring: Ring | null): void {
    if (this.#recovering) return;
    this.#lostAll();
    if (ring !== null) this.ringChanged(ring);
  }

  /**
   * A new directory under a name the ring already counts on: this node had data once, and has lost all of it. That the
   * directory is empty outlives a crash, and goes in the very batch that says it recovers: a life that ends before it
   * has heard of the ring must not leave an empty replica behind that takes itself for whole.
   */
  #countedOn(ring: Ring): void {
    if (!isFounder(ring, this.#host.self)) this.#lostAll();
    this.#empty = false;
    this.#host.persistFilled(() => undefined);
  }

  #lostAll(): void {
    this.#recovering = true;
    this.#host.persistRecovering(true, () => undefined);
  }

  #join(ring: Ring): void {
    this.#enter('joining', 'taking over arcs');
    this.#begin('join', ring, transferPlan(ring, this.#host.self), (done) => {
      this.#empty = false;
      this.#host.persistFilled(done);
    });
  }

  /** A member for which a change in progress has arcs. */
  #take(ring: Ring): void {
    const plan = transferPlan(ring, this.#host.self);
    if (plan.length > 0) this.#begin('take', ring, plan, (done) => done());
  }

  /** What was lost and what a change gives are one: as long as either is missing, this node may vouch for neither. */
  #recover(ring: Ring): void {
    this.#enter('recovering', 'reading back from the other replicas what this node may have lost');
    const { self } = this.#host;
    const plan = [...recoveryPlan(ring, self), ...transferPlan(ring, self)];
    this.#begin('recovery', ring, plan, (done) => {
      // The records are whole; what is derived from them lost its rows one by one, and no peer can give those back.
      this.#stopReindex = this.#host.reindex(() => this.#recovered(ring, done));
    });
  }

  #recovered(ring: Ring, done: () => boolean): void {
    this.#stopReindex = null;
    this.#host.oweEverybody(ring);
    this.#host.persistRecovering(false, () => {
      if (!done()) return;
      this.#recovering = false;
      const leaving = ring.member(this.#host.self)?.status === 'leaving';
      this.#enter(leaving ? 'leaving' : 'normal', 'recovered from the other replicas');
    });
  }

  /** Takes arcs over; `settle` makes durable that they are here, and then calls `done`, which is false if a newer ring has come. */
  #begin(
    kind: TransferProgress['kind'],
    ring: Ring,
    plan: readonly TransferPart[],
    settle: (done: () => boolean) => void,
  ): void {
    const { changing } = ring;
    const taking = changing === null ? null : { operation: changing.operation, finished: false };
    const puller = new Puller(this.#host.puller, plan, () =>
      settle(() => {
        if (this.#puller !== puller) return false;
        this.#puller = null;
        if (taking !== null) {
          taking.finished = true;
          this.#taken = { kind, ...puller.progress };
          this.#host.ready();
        }
        return true;
      }),
    );
    this.#kind = kind;
    this.#puller = puller;
    this.#taking = taking;
    if (ring.paused) puller.setPaused(true);
    puller.start();
  }

  #enter(state: NodeState, reason: string): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#host.stateChanged(state, reason);
  }
}

/** The first node of a cluster finds itself normal in a ring it has just made, with nothing to recover. */
function isFounder(ring: Ring, self: NodeId): boolean {
  return ring.epoch === 1 && ring.owners.length === 1 && ring.owners[0] === self;
}
