import type { NodeId, WallMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { ExchangeJob, JobEnd } from './anti-entropy.ts';
import type { ExchangeProgress, RepairAim } from './exchange.ts';

/** What an operator asks for: with whom, which way. */
export interface SyncOrder {
  /** null: with every node that holds something this node holds. */
  readonly peer: NodeId | null;
  readonly aim: RepairAim;
}

/** How far this node is with one peer, and what has come of it. */
export interface PeerSync extends Readonly<ExchangeProgress> {
  readonly nodeId: NodeId;
  readonly state: 'waiting' | 'running' | 'equal' | 'repaired' | 'brokenOff';
  /** Why it was broken off. */
  readonly reason: Extract<JobEnd, { readonly end: 'brokenOff' }>['reason'] | null;
}

export interface SyncState {
  readonly id: string;
  readonly order: SyncOrder;
  readonly begunAt: WallMs;
  /** null while it waits or runs. */
  readonly endedAt: WallMs | null;
  readonly peers: readonly PeerSync[];
}

export interface SyncDeskHost {
  wallMs(): WallMs;
  freshId(): string;
  /** Nodes that hold something this node holds, in order of id. */
  peers(): readonly NodeId[];
  /** Has an exchange done as soon as none is under way. */
  submit(job: ExchangeJob): void;
}

interface Sync extends Omit<SyncState, 'endedAt' | 'peers'> {
  endedAt: WallMs | null;
  readonly peers: PeerSync[];
  /** Of the exchange under way, which keeps it up to date. */
  running: ExchangeProgress | null;
}

const nothingYet: ExchangeProgress = { buckets: 0, bucketsDone: 0, keys: 0, pulled: 0, pushed: 0 };

/**
 * Comparisons that operators have asked for, those that wait and the last that ended. One peer after the other, in turn with the
 * comparisons that a node makes by itself; forgotten with the process, since nothing is owed if one is lost.
 */
export class SyncDesk {
  readonly #host: SyncDeskHost;
  /** In the order in which they were asked for. */
  readonly #syncs: Sync[] = [];

  constructor(host: SyncDeskHost) {
    this.#host = host;
  }

  /** Begins one; null if as many as may are still to be done. */
  begin(order: SyncOrder): SyncState | null {
    if (!this.#makeRoom()) return null;
    const peers = order.peer === null ? this.#host.peers() : [order.peer];
    const sync: Sync = {
      id: this.#host.freshId(),
      order,
      begunAt: this.#host.wallMs(),
      endedAt: null,
      peers: peers.map((nodeId) => ({ nodeId, state: 'waiting', reason: null, ...nothingYet })),
      running: null,
    };
    this.#syncs.push(sync);
    this.#next(sync, 0);
    return stateOf(sync);
  }

  list(): readonly SyncState[] {
    return this.#syncs.map(stateOf);
  }

  #next(sync: Sync, at: number): void {
    const peer = sync.peers[at];
    if (peer === undefined) {
      sync.endedAt = this.#host.wallMs();
      return;
    }
    const { nodeId } = peer;
    let progress = nothingYet;
    this.#host.submit({
      peer: nodeId,
      aim: sync.order.aim,
      begun: (begun) => {
        progress = begun;
        sync.peers[at] = { ...peer, state: 'running' };
        sync.running = begun;
      },
      ended: (end) => {
        sync.running = null;
        const reason = end.end === 'brokenOff' ? end.reason : null;
        sync.peers[at] = { nodeId, state: end.end, reason, ...progress };
        this.#next(sync, at + 1);
      },
    });
  }

  #makeRoom(): boolean {
    if (this.#syncs.length < limits.syncsMax) return true;
    const ended = this.#syncs.findIndex(({ endedAt }) => endedAt !== null);
    if (ended >= 0) this.#syncs.splice(ended, 1);
    return ended >= 0;
  }
}

function stateOf({ running, peers, ...sync }: Sync): SyncState {
  return {
    ...sync,
    peers: peers.map((peer) => (peer.state === 'running' ? { ...peer, ...running } : { ...peer })),
  };
}
