import type { NodeId, WallMs } from '../base/ids.ts';
import type { PeerMessage, StatsMessage } from './messages.ts';
import type { NodeCounts, NodeStats, StatsReport } from './view.ts';

export interface StatsHost {
  readonly self: NodeId;
  wallMs(): WallMs;
  counts(): NodeCounts;
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
    this.#note(this.#host.self, stats, counts);
    for (const peer of this.#host.peers()) this.#host.send(peer, { kind: 'stats', stats, counts });
  }

  heard(from: NodeId, message: StatsMessage): void {
    // Only members are kept, so the board is no larger than the member list.
    if (this.#host.isMember(from)) this.#note(from, message.stats, message.counts);
  }

  forget(node: NodeId): void {
    this.#reports.delete(node);
  }

  reports(): readonly StatsReport[] {
    return [...this.#reports.values()].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  }

  #note(nodeId: NodeId, stats: NodeStats, counts: NodeCounts): void {
    this.#reports.set(nodeId, { nodeId, stats, counts, observedAt: this.#host.wallMs() });
  }
}
