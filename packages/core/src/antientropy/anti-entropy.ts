import type { NodeId, RingEpoch, WallMs } from '../base/ids.ts';
import type { BucketCall, TreeCall } from '../node/messages.ts';
import { type BucketRange, bucketCount } from '../ring/bucket-range.ts';
import type { Ring } from '../ring/ring.ts';
import type { SharedBuckets } from './descent.ts';
import {
  type DifferenceHost,
  DifferenceList,
  type DifferencePage,
  type DifferencesFound,
} from './difference-list.ts';
import {
  Exchange,
  type ExchangeEnd,
  type ExchangeHost,
  type ExchangeProgress,
  type RepairAim,
} from './exchange.ts';
import type { Leaves } from './leaves.ts';
import { Proofs } from './proofs.ts';
import { type Foreground, RepairBudget } from './repair-budget.ts';
import { sharedBuckets } from './shared.ts';
import { SyncDesk } from './sync-desk.ts';
import type { Sharer } from './tree-nodes.ts';
import { TreeServer, type TreeServerHost } from './tree-server.ts';

export interface AntiEntropyHost extends TreeServerHost, Omit<ExchangeHost, 'leaves' | 'pace'> {
  readonly self: NodeId;
  wallMs(): WallMs;
  freshId(): string;
  isReachable(node: NodeId): boolean;
  /** Requests of clients that this node has in hand. */
  requestsInFlight(): number;
}

export interface AntiEntropyPauses {
  readonly compareEveryMs: number;
  readonly compareEqualMsMax: number;
  readonly comparePauseMs: number;
}

/** An exchange that somebody has asked for. */
export interface ExchangeJob {
  readonly peer: NodeId;
  readonly aim: RepairAim;
  begun(progress: ExchangeProgress): void;
  ended(end: JobEnd): void;
}

/** `unreachable`: the peer is not alive as far as this node knows; `nothingShared`: no bucket is held by both. */
export type JobEnd =
  | ExchangeEnd
  | { readonly end: 'brokenOff'; readonly reason: 'unreachable' | 'nothingShared' };

/** What anti-entropy has done since the process started. */
export interface AntiEntropyCounts {
  /** Comparisons by how they ended: nothing differed, something did, no end was come to. */
  equal: number;
  differed: number;
  brokenOff: number;
  /** Records stored here because a peer had more, and on peers because this node had. */
  pulled: number;
  pushed: number;
}

const bothWays: RepairAim = { pull: true, push: true, dryRun: false };

/**
 * Keeps replicas equal with nobody's help: one peer after the other is compared with, for ever, one at a time. While two
 * nodes are equal that costs one small message and its answer, ever more seldom while neither changes.
 */
export class AntiEntropy {
  readonly #host: AntiEntropyHost;
  readonly #pauses: AntiEntropyPauses;
  readonly #proofs: Proofs;
  readonly #jobs: ExchangeJob[] = [];
  readonly #budget = new RepairBudget();
  readonly server: TreeServer;
  readonly syncs: SyncDesk;
  readonly counts: AntiEntropyCounts = { equal: 0, differed: 0, brokenOff: 0, pulled: 0, pushed: 0 };
  #shared: ReadonlyMap<NodeId, readonly BucketRange[]> = new Map();
  #sharedEpoch: RingEpoch = 0;
  #exchange: Exchange | null = null;
  #last: NodeId | null = null;

  constructor(host: AntiEntropyHost, pauses: AntiEntropyPauses) {
    this.#host = host;
    this.#pauses = pauses;
    this.#proofs = new Proofs(pauses.compareEveryMs, pauses.compareEqualMsMax);
    this.syncs = new SyncDesk({
      wallMs: () => host.wallMs(),
      freshId: () => host.freshId(),
      peers: () => this.sharers({ from: 0, to: bucketCount - 1 }).map(({ nodeId }) => nodeId),
      submit: (job) => this.submit(job),
    });
    this.server = new TreeServer(host, (peer, ring) => this.sharedWith(peer, ring));
  }

  start(): void {
    const { compareEveryMs } = this.#pauses;
    this.#host.timers.every(compareEveryMs, compareEveryMs, () => this.#compareNext());
  }

  /** Has an exchange done as soon as none is under way. */
  submit(job: ExchangeJob): void {
    this.#jobs.push(job);
    this.#nextJob();
  }

  /** Once a second: what clients make the nodes do. */
  foreground(measured: Foreground): void {
    this.#budget.note(measured, this.#exchange !== null && this.#exchange.progress.buckets > 0);
  }

  receiveTree(from: NodeId, call: TreeCall): void {
    this.server.receiveTree(from, call);
  }

  receiveBucket(from: NodeId, call: BucketCall): void {
    this.server.receiveBucket(from, call);
  }

  /**
   * Every write that was made before that time to a bucket of `range` shared with `peer` was then durable on both; null if
   * that is not known of all of them, in this life of the node and under this ring.
   */
  provenEqual(peer: NodeId, range: BucketRange): WallMs | null {
    const ring = this.#host.ring();
    if (ring !== null) this.#follow(ring);
    return this.#proofs.provenEqual(peer, range);
  }

  /** What this node and `peer` both hold, ascending. */
  sharedWith(peer: NodeId, ring: Ring): readonly BucketRange[] {
    this.#follow(ring);
    return this.#shared.get(peer) ?? nothing;
  }

  /** Who else holds buckets of `range`. */
  sharers(range: BucketRange): readonly Sharer[] {
    const ring = this.#host.ring();
    if (ring === null) return [];
    this.#follow(ring);
    const found = [...this.#shared].filter(([, ranges]) =>
      ranges.some(({ from, to }) => from <= range.to && to >= range.from),
    );
    return found
      .map(([nodeId]) => ({ nodeId, provenEqual: this.#proofs.provenEqual(nodeId, range) }))
      .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  }

  /** Lists what this node and `peer` hold differently, a page at a time. */
  differences(
    peer: NodeId,
    page: DifferencePage,
    versions: DifferenceHost['versions'],
    then: (found: DifferencesFound) => void,
  ): void {
    const ring = this.#host.ring();
    if (ring === null || !this.#host.isReachable(peer)) return then({ brokenOff: 'unreachable' });
    const shared = { peer, epoch: ring.epoch, ranges: this.sharedWith(peer, ring) };
    new DifferenceList({ ...this.#exchangeHost(), versions }, shared, page, then).start();
  }

  #nextJob(): void {
    const [job] = this.#jobs;
    if (this.#exchange !== null || job === undefined) return;
    const ring = this.#host.ring();
    const ranges = ring === null ? nothing : this.sharedWith(job.peer, ring);
    this.#jobs.shift();
    if (!this.#host.isReachable(job.peer)) return job.ended({ end: 'brokenOff', reason: 'unreachable' });
    if (ring === null || ranges.length === 0) return job.ended({ end: 'brokenOff', reason: 'nothingShared' });
    this.#begin({ peer: job.peer, epoch: ring.epoch, ranges }, job.aim, job.ended);
    if (this.#exchange !== null) job.begun((this.#exchange as Exchange).progress);
  }

  #compareNext(): void {
    const ring = this.#host.ring();
    if (this.#exchange !== null || ring === null || this.#host.recovering() || this.#host.busy()) return;
    const leaves = this.#host.leaves();
    if (leaves === null) return;
    const peer = this.#nextPeer(ring, leaves);
    if (peer === null) return;
    this.#last = peer;
    this.#begin({ peer, epoch: ring.epoch, ranges: this.sharedWith(peer, ring) }, bothWays, () => {});
  }

  #begin(shared: SharedBuckets, aim: RepairAim, ended: (end: ExchangeEnd) => void): void {
    const at = this.#host.wallMs();
    const exchange = new Exchange(this.#exchangeHost(), shared, aim, this.#pauses.comparePauseMs, (end) => {
      this.#exchange = null;
      this.#count(end, exchange.progress);
      this.#noteProof(shared, end, at);
      ended(end);
      this.#nextJob();
    });
    this.#exchange = exchange;
    exchange.start();
  }

  #exchangeHost(): ExchangeHost {
    const leaves = (epoch: RingEpoch) =>
      this.#host.ring()?.epoch === epoch && !this.#host.recovering() ? this.#host.leaves() : null;
    const pace = () => this.#budget.pace(this.#host.requestsInFlight());
    return { ...this.#host, leaves, pace };
  }

  #count(end: ExchangeEnd, { pulled, pushed }: ExchangeProgress): void {
    const { counts } = this;
    counts[end.end === 'repaired' ? 'differed' : end.end]++;
    counts.pulled += pulled;
    counts.pushed += pushed;
  }

  /**
   * The peer has answered of what is on its disk; what this node compared with that may still be on its way to its own. Until
   * it is there a crash could undo it, and nothing is proven.
   */
  #noteProof({ peer, epoch }: SharedBuckets, end: ExchangeEnd, at: WallMs): void {
    if (end.end === 'brokenOff') return this.#proofs.doubt(peer);
    this.#host.whenDurable(() => {
      if (this.#host.ring()?.epoch !== epoch) return;
      if (end.end === 'equal') this.#proofs.equal(peer, end.root, at, this.#host.timers.now);
      else this.#proofs.equalBut(peer, end.differing, at);
    });
  }

  /** The reachable peer after the last one, in order of id, round and round, that has not earned itself a rest. */
  #nextPeer(ring: Ring, leaves: Leaves): NodeId | null {
    const { now } = this.#host.timers;
    const peers = ring.owners.filter((node) => node !== this.#host.self);
    for (const node of peers) if (!this.#host.isReachable(node)) this.#proofs.doubt(node);
    const due = (node: NodeId) => {
      const ranges = this.sharedWith(node, ring);
      if (ranges.length === 0 || !this.#host.isReachable(node)) return false;
      return this.#proofs.isDue(node, () => leaves.root(ranges), now);
    };
    const later = this.#last === null ? 0 : peers.findIndex((node) => node > this.#last!);
    const first = Math.max(0, later);
    return [...peers.slice(first), ...peers.slice(0, first)].find(due) ?? null;
  }

  #follow(ring: Ring): void {
    if (ring.epoch === this.#sharedEpoch) return;
    this.#sharedEpoch = ring.epoch;
    this.#shared = sharedBuckets(ring, this.#host.self);
    this.#proofs.clear();
  }
}

const nothing: readonly BucketRange[] = [];
