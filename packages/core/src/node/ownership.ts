import type { NodeId } from '../base/ids.ts';
import type { Ring } from '../ring/ring.ts';
import { joinPlan, recoveryPlan } from '../transfer/plan.ts';
import { Puller, type PullerHost } from '../transfer/puller.ts';

export const recoveringRow = 'm/recovering';

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
   * Notes durably that every other node is owed all it shares with this one: what was owed to whom may have been lost
   * with the rest, and nobody else remembers it.
   */
  oweEverybody(ring: Ring): void;
  /** Notes durably whether this node is recovering; `then` runs when that is on disk. */
  persistRecovering(recovering: boolean, then: () => void): void;
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
  #puller: Puller | null = null;
  #kind: TransferProgress['kind'] = 'join';

  /** `recovering`: this node's own history has a hole; `fresh`: its data directory is new. */
  constructor(
    host: OwnershipHost,
    recovering: boolean,
    private readonly fresh: boolean,
  ) {
    this.#host = host;
    this.#recovering = recovering;
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

  ringChanged(ring: Ring, previous: Ring | null): void {
    this.#puller?.stop();
    this.#puller = null;
    const member = ring.member(this.#host.self);
    if (member === null) {
      this.#enter('joining', 'the ring does not list this node yet');
      return this.#host.requestJoin();
    }
    // A new directory under a name the ring already counts on: this node had data once, and has lost all of it.
    if (this.fresh && previous === null && member.status !== 'joining' && !isFounder(ring, this.#host.self))
      this.#lostAll();
    if (member.status === 'joining') return this.#join(ring);
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
    if (ring !== null) this.ringChanged(ring, ring);
  }

  #lostAll(): void {
    this.#recovering = true;
    this.#host.persistRecovering(true, () => undefined);
  }

  #join(ring: Ring): void {
    this.#enter('joining', 'taking over arcs');
    this.#start(
      'join',
      new Puller(this.#host.puller, ring.epoch, joinPlan(ring, this.#host.self), () => this.#host.ready()),
    );
  }

  #recover(ring: Ring): void {
    this.#enter('recovering', 'reading back from the other replicas what this node may have lost');
    const plan = recoveryPlan(ring, this.#host.self);
    const puller = new Puller(this.#host.puller, ring.epoch, plan, () => {
      this.#host.oweEverybody(ring);
      this.#host.persistRecovering(false, () => {
        if (this.#puller !== puller) return;
        this.#recovering = false;
        this.#puller = null;
        this.#enter('normal', 'recovered from the other replicas');
      });
    });
    this.#start('recovery', puller);
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
