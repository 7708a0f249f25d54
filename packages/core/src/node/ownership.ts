import type { NodeId } from '../base/ids.ts';
import type { Ring } from '../ring/ring.ts';
import { joinPlan, recoveryPlan } from '../transfer/plan.ts';
import { Puller, type PullerHost } from '../transfer/puller.ts';

export const recoveringRow = 'm/recovering';
/** There from the first life of a directory on until it holds what the ring says its node holds. */
export const emptyRow = 'm/empty';

/** What a node is to its cluster. */
export type NodeState = 'booting' | 'joining' | 'normal' | 'recovering' | 'leaving' | 'stopping';

/** A take-over in progress, as an operator sees it. */
export interface TransferProgress {
  readonly kind: 'join' | 'recovery';
  readonly bucketsDone: number;
  readonly bucketsTotal: number;
  readonly bytes: number;
}

export interface OwnershipHost {
  readonly self: NodeId;
  readonly puller: PullerHost;
  /** Ask to be taken into the ring, until it lists this node. */
  requestJoin(): void;
  /** Everything this joining node is to hold is here, durably. */
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

/**
 * What this node does about the ring it finds itself in: ask to join, take over arcs, recover what it lost. It starts
 * over at every new ring, since the plan is a function of the ring alone.
 */
export class Ownership {
  readonly #host: OwnershipHost;
  #state: NodeState = 'booting';
  #recovering: boolean;
  #empty: boolean;
  #puller: Puller | null = null;
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

  get transfer(): TransferProgress | null {
    return this.#puller === null ? null : { kind: this.#kind, ...this.#puller.progress };
  }

  ringChanged(ring: Ring): void {
    this.#puller?.stop();
    this.#puller = null;
    this.#stopReindex?.();
    this.#stopReindex = null;
    const member = ring.member(this.#host.self);
    if (member === null) {
      this.#enter('joining', 'the ring does not list this node yet');
      return this.#host.requestJoin();
    }
    if (member.status === 'joining') return this.#join(ring);
    if (this.#empty) this.#countedOn(ring);
    if (this.#recovering) return this.#recover(ring);
    this.#enter(
      member.status === 'leaving' ? 'leaving' : 'normal',
      `the ring of epoch ${ring.epoch} lists this node as ${member.status}`,
    );
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
    const puller = new Puller(this.#host.puller, ring.epoch, joinPlan(ring, this.#host.self), () => {
      this.#empty = false;
      this.#host.persistFilled(() => {
        if (this.#puller === puller) this.#host.ready();
      });
    });
    this.#start('join', puller);
  }

  #recover(ring: Ring): void {
    this.#enter('recovering', 'reading back from the other replicas what this node may have lost');
    const plan = recoveryPlan(ring, this.#host.self);
    const puller = new Puller(this.#host.puller, ring.epoch, plan, () => {
      // The records are whole; what is derived from them lost its rows one by one, and no peer can give those back.
      this.#stopReindex = this.#host.reindex(() => this.#recovered(ring, puller));
    });
    this.#start('recovery', puller);
  }

  #recovered(ring: Ring, puller: Puller): void {
    this.#stopReindex = null;
    this.#host.oweEverybody(ring);
    this.#host.persistRecovering(false, () => {
      if (this.#puller !== puller) return;
      this.#recovering = false;
      this.#puller = null;
      this.#enter('normal', 'recovered from the other replicas');
    });
  }

  #start(kind: TransferProgress['kind'], puller: Puller): void {
    this.#kind = kind;
    this.#puller = puller;
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
