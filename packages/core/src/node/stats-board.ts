import type { NodeId, WallMs } from '../base/ids.ts';
import type { PeerMessage, StatsMessage } from './messages.ts';
import type { TransferProgress } from './ownership.ts';
import type { NodeCounts, NodeStats, StatsReport } from './view.ts';

export interface StatsHost {
  readonly self: NodeId;
  wallMs(): WallMs;
  counts(): NodeCounts;
  transfer(): TransferProgress | null;
  /** Peers to tell: those membership holds for reachable. */
  peers(): readonly NodeId[];
  isMember(node: NodeId): boolean;
  send(to: NodeId, message: PeerMessage): void;
}

/** Each node's figures as this node last heard them: one report per member, told to every peer once a second. */
export class StatsBoard {
  readonly #host: StatsHost;
  readonly #reports = new Map<NodeId, StatsReport>();

  constructor(host: StatsHost) {
    this.#host = host;
  }

  /** The driver measured this process: note it and tell the peers. */
  own(stats: NodeStats): void {
    const counts = this.#host.counts();
    const transfer = this.#host.transfer();
    const message: StatsMessage = { kind: 'stats', stats, counts, transfer };
    this.#note(this.#host.self, message);
    for (const peer of this.#host.peers()) this.#host.send(peer, message);
  }

  heard(from: NodeId, message: StatsMessage): void {
    // Only members are kept, so the board is no larger than the member list.
    if (this.#host.isMember(from)) this.#note(from, message);
  }

  forget(node: NodeId): void {
    this.#reports.delete(node);
  }

  reports(): readonly StatsReport[] {
    return [...this.#reports.values()].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  }

  #note(nodeId: NodeId, { stats, counts, transfer }: StatsMessage): void {
    this.#reports.set(nodeId, { nodeId, stats, counts, transfer, observedAt: this.#host.wallMs() });
  }
}
