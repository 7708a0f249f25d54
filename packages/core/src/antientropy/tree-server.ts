import type { NodeId, RingEpoch } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { BucketCall, PeerMessage, ReplicaResult, TreeCall } from '../node/messages.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import type { Ring } from '../ring/ring.ts';
import { sipTagHex } from '../ring/siphash.ts';
import { type BucketStore, readBucket } from './bucket-page.ts';
import { groupSize, type Leaves } from './leaves.ts';
import { contains } from './shared.ts';

export interface TreeServerHost {
  readonly store: BucketStore;
  ring(): Ring | null;
  /** null while the tree is not complete. */
  leaves(): Leaves | null;
  /** This node's records may have holes, which recovery fills. */
  recovering(): boolean;
  /** Requests of clients have more than enough to do with this node. */
  busy(): boolean;
  /** Runs `then` once all that is in memory now is on stable storage. */
  whenDurable(then: () => void): void;
  heardEpoch(node: NodeId, epoch: RingEpoch): void;
  send(to: NodeId, message: PeerMessage): void;
}

/**
 * Answers peers that compare themselves with this node. What it tells of its tree it tells once that is on the disk: a
 * peer may call both of them equal for it, and must be right though this node crash.
 */
export class TreeServer {
  readonly #host: TreeServerHost;
  readonly #sharedWith: (peer: NodeId, ring: Ring) => readonly BucketRange[];

  constructor(host: TreeServerHost, sharedWith: (peer: NodeId, ring: Ring) => readonly BucketRange[]) {
    this.#host = host;
    this.#sharedWith = sharedWith;
  }

  receiveTree(from: NodeId, { rpc, epoch, root, groups }: TreeCall): void {
    const ring = this.#host.ring();
    const leaves = this.#host.leaves();
    const result = this.#admit(from, epoch);
    const reply = { kind: 'treeReply', rpc, epoch: ring?.epoch ?? 0 } as const;
    if (result !== 'ok' || ring === null || leaves === null)
      return this.#host.send(from, { ...reply, result, hashes: noHashes });
    const ranges = this.#sharedWith(from, ring);
    const hashes =
      groups.length > 0
        ? leavesOf(leaves, groups, ranges)
        : sipTagHex(leaves.root(ranges)) === root
          ? noHashes
          : leaves.groups(ranges);
    this.#host.whenDurable(() => this.#host.send(from, { ...reply, result, hashes }));
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
}

const noHashes = new Uint8Array(0);

function leavesOf(leaves: Leaves, groups: readonly number[], ranges: readonly BucketRange[]): Uint8Array {
  const asked = groups.slice(0, limits.treeGroupsMax);
  const bytes = groupSize * 8;
  const hashes = new Uint8Array(asked.length * bytes);
  for (const [i, group] of asked.entries()) hashes.set(leaves.group(group, ranges), i * bytes);
  return hashes;
}
