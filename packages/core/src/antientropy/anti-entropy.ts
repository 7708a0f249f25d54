import type { NodeId, RingEpoch, WallMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { BucketCall, PeerMessage, ReplicaResult, TreeCall } from '../node/messages.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import type { Ring } from '../ring/ring.ts';
import { sipTagHex } from '../ring/siphash.ts';
import { readBucket } from './bucket-page.ts';
import { Exchange, type ExchangeEnd, type ExchangeHost } from './exchange.ts';
import { groupSize, type Leaves } from './leaves.ts';
import { contains, sharedBuckets } from './shared.ts';

export interface AntiEntropyHost extends Omit<ExchangeHost, 'leaves'> {
  readonly self: NodeId;
  wallMs(): WallMs;
  ring(): Ring | null;
  isReachable(node: NodeId): boolean;
  /** null while the tree is not complete. */
  leaves(): Leaves | null;
  /** This node's records may have holes, which recovery fills. */
  recovering(): boolean;
  /** Requests of clients have more than enough to do with this node. */
  busy(): boolean;
  heardEpoch(node: NodeId, epoch: RingEpoch): void;
  send(to: NodeId, message: PeerMessage): void;
}

export interface AntiEntropyPauses {
  readonly compareEveryMs: number;
  readonly comparePauseMs: number;
}

/**
 * Keeps replicas equal with nobody's help: one peer after the other is compared with, for ever, one at a time. While two
 * nodes are equal that costs one small message and its answer.
 */
export class AntiEntropy {
  readonly #host: AntiEntropyHost;
  readonly #pauses: AntiEntropyPauses;
  readonly #provenEqual = new Map<NodeId, WallMs>();
  #shared: ReadonlyMap<NodeId, readonly BucketRange[]> = new Map();
  #sharedEpoch: RingEpoch = 0;
  #exchange: Exchange | null = null;
  #last: NodeId | null = null;

  constructor(host: AntiEntropyHost, pauses: AntiEntropyPauses) {
    this.#host = host;
    this.#pauses = pauses;
  }

  start(): void {
    const { compareEveryMs } = this.#pauses;
    this.#host.timers.every(compareEveryMs, compareEveryMs, () => this.#compareNext());
  }

  /** When this node and `peer` were last found to hold the same of all that they share; null if not in this life. */
  provenEqual(peer: NodeId): WallMs | null {
    return this.#provenEqual.get(peer) ?? null;
  }

  receiveTree(from: NodeId, { rpc, epoch, root, groups }: TreeCall): void {
    const ring = this.#host.ring();
    const leaves = this.#host.leaves();
    const result = this.#admit(from, epoch);
    const reply = (given: ReplicaResult, hashes: Uint8Array) =>
      this.#host.send(from, {
        kind: 'treeReply',
        rpc,
        result: given,
        epoch: ring?.epoch ?? 0,
        hashes,
      });
    if (result !== 'ok' || ring === null || leaves === null) return reply(result, noHashes);
    const ranges = this.#sharedWith(from, ring);
    if (groups.length > 0) return reply('ok', this.#leavesOf(leaves, groups, ranges));
    const equal = sipTagHex(leaves.root(ranges)) === root;
    reply('ok', equal ? noHashes : leaves.groups(ranges));
  }

  receiveBucket(from: NodeId, { rpc, epoch, bucket, after }: BucketCall): void {
    const ring = this.#host.ring();
    const admitted = this.#admit(from, epoch);
    const held = ring !== null && contains(this.#sharedWith(from, ring), bucket);
    const result = admitted === 'ok' && !held ? 'notReplica' : admitted;
    const reply = { kind: 'bucketReply', rpc, epoch: ring?.epoch ?? 0 } as const;
    if (result !== 'ok') return this.#host.send(from, { ...reply, result, records: [], next: null });
    readBucket(this.#host.store, bucket, after, (page) =>
      this.#host.send(from, { ...reply, result: 'ok', ...page }),
    );
  }

  #admit(from: NodeId, epoch: RingEpoch): ReplicaResult {
    const own = this.#host.ring()?.epoch ?? 0;
    if (epoch > own) {
      this.#host.heardEpoch(from, epoch);
      return 'unknownEpoch';
    }
    if (epoch < own) return 'staleEpoch';
    if (this.#host.recovering()) return 'recovering';
    return this.#host.leaves() === null || this.#host.busy() ? 'overloaded' : 'ok';
  }

  #leavesOf(leaves: Leaves, groups: readonly number[], ranges: readonly BucketRange[]): Uint8Array {
    const asked = groups.slice(0, limits.treeGroupsMax);
    const bytes = groupSize * 8;
    const hashes = new Uint8Array(asked.length * bytes);
    for (const [i, group] of asked.entries()) hashes.set(leaves.group(group, ranges), i * bytes);
    return hashes;
  }

  #compareNext(): void {
    const ring = this.#host.ring();
    if (this.#exchange !== null || ring === null || this.#host.recovering() || this.#host.busy()) return;
    const peer = this.#nextPeer(ring);
    if (peer === null || this.#host.leaves() === null) return;
    this.#last = peer;
    const task = { peer, epoch: ring.epoch, ranges: this.#sharedWith(peer, ring) };
    const host: ExchangeHost = {
      ...this.#host,
      leaves: (epoch) =>
        this.#host.ring()?.epoch === epoch && !this.#host.recovering() ? this.#host.leaves() : null,
    };
    this.#exchange = new Exchange(host, task, this.#pauses.comparePauseMs, (end) => this.#ended(peer, end));
    this.#exchange.start();
  }

  #ended(peer: NodeId, { end }: ExchangeEnd): void {
    this.#exchange = null;
    if (end === 'equal') this.#provenEqual.set(peer, this.#host.wallMs());
  }

  /** The reachable peer after the last one, in order of id, round and round. */
  #nextPeer(ring: Ring): NodeId | null {
    const peers = ring.owners.filter(
      (node) =>
        node !== this.#host.self && this.#host.isReachable(node) && this.#sharedWith(node, ring).length > 0,
    );
    return peers.find((node) => this.#last === null || node > this.#last) ?? peers[0] ?? null;
  }

  /** What was proven under another ring says nothing of buckets that are shared since. */
  #follow(ring: Ring): void {
    if (ring.epoch === this.#sharedEpoch) return;
    this.#sharedEpoch = ring.epoch;
    this.#shared = sharedBuckets(ring, this.#host.self);
    this.#provenEqual.clear();
  }

  #sharedWith(peer: NodeId, ring: Ring): readonly BucketRange[] {
    this.#follow(ring);
    return this.#shared.get(peer) ?? nothing;
  }
}

const nothing: readonly BucketRange[] = [];
const noHashes = new Uint8Array(0);
