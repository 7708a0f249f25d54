import type { NodeId, RingEpoch } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Timers } from '../base/timers.ts';
import { compareUtf8 } from '../base/utf8.ts';
import type { PeerMessage } from '../node/messages.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import type { KeyRef } from '../ring/key.ts';
import { sipTagHex } from '../ring/siphash.ts';
import { type BucketPage, type BucketStore, readBucket } from './bucket-page.ts';
import { differingHashes, groupSize, type Leaves } from './leaves.ts';

/** A peer that says nothing for so long, in ms, is given up for this time. */
const answerMs = 5000;

/** What an exchange needs of the node. */
export interface ExchangeHost {
  readonly timers: Timers;
  readonly store: BucketStore;
  /** null while this node's own tree is not complete, or the ring is another than the exchange began with. */
  leaves(epoch: RingEpoch): Leaves | null;
  /** Asks once; answers null if no reply can come or none has come within that time. */
  ask(
    target: NodeId,
    build: (rpc: number) => PeerMessage,
    withinMs: number,
    answered: (reply: PeerMessage | null) => void,
  ): void;
  /** Brings both nodes' records of one key together. */
  repair(difference: Difference, peer: NodeId, done: () => void): void;
}

/** A key of which two nodes hold different records, or of which the peer holds none. */
export interface Difference {
  readonly ref: KeyRef;
  readonly peerHolds: boolean;
}

/** How an exchange ended: both are equal, or so many records differed and were brought together, or it was broken off. */
export type ExchangeEnd =
  | { readonly end: 'equal' }
  | { readonly end: 'repaired'; readonly records: number }
  | { readonly end: 'brokenOff' };

interface Task {
  readonly peer: NodeId;
  readonly epoch: RingEpoch;
  readonly ranges: readonly BucketRange[];
}

/**
 * One comparison with one peer: sums of everything, of groups of buckets, leaves, and after a pause the records of the
 * buckets that differed, which are brought together (a Merkle tree of two levels; DeCandia et al., "Dynamo", SOSP 2007,
 * 4.7). The pause is why a write on its way is no difference: by then both have it, or it needs repair. Nothing is minted:
 * records are merged, both ways.
 */
export class Exchange {
  readonly #host: ExchangeHost;
  readonly #task: Task;
  readonly #pauseMs: number;
  readonly #ended: (end: ExchangeEnd) => void;
  #records = 0;

  constructor(host: ExchangeHost, task: Task, pauseMs: number, ended: (end: ExchangeEnd) => void) {
    this.#host = host;
    this.#task = task;
    this.#pauseMs = pauseMs;
    this.#ended = ended;
  }

  start(): void {
    this.#askTree([], (theirs, leaves) => {
      if (theirs.length === 0) return this.#ended({ end: 'equal' });
      const groups = differingHashes(leaves.groups(this.#task.ranges), theirs);
      if (groups === null) return this.#breakOff();
      this.#compareGroups(groups, []);
    });
  }

  #compareGroups(groups: readonly number[], buckets: number[]): void {
    const now = groups.slice(0, limits.treeGroupsMax);
    if (now.length === 0) return this.#pause(buckets);
    this.#askTree(now, (theirs, leaves) => {
      for (const [i, group] of now.entries()) {
        const bytes = groupSize * 8;
        const part = theirs.subarray(i * bytes, (i + 1) * bytes);
        const places = differingHashes(leaves.group(group, this.#task.ranges), part);
        if (places === null) return this.#breakOff();
        for (const place of places) buckets.push(group * groupSize + place);
      }
      this.#compareGroups(groups.slice(now.length), buckets);
    });
  }

  #pause(buckets: readonly number[]): void {
    this.#host.timers.after(this.#pauseMs, () => this.#compareBuckets(buckets));
  }

  #compareBuckets(buckets: readonly number[]): void {
    const [bucket] = buckets;
    if (bucket === undefined) return this.#ended({ end: 'repaired', records: this.#records });
    this.#compareBucket(bucket, '', () => this.#compareBuckets(buckets.slice(1)));
  }

  #compareBucket(bucket: number, after: string, done: () => void): void {
    const { peer, epoch } = this.#task;
    if (this.#host.leaves(epoch) === null) return this.#breakOff();
    const build = (rpc: number) => ({ kind: 'bucket', rpc, epoch, bucket, after }) as const;
    this.#host.ask(peer, build, answerMs, (reply) => {
      if (reply?.kind !== 'bucketReply' || reply.result !== 'ok') return this.#breakOff();
      readBucket(this.#host.store, bucket, after, (own) => {
        const next = earlier(own.next, reply.next);
        this.#repairAll(differences(own, reply, next), () => {
          if (next === null) done();
          else this.#compareBucket(bucket, next, done);
        });
      });
    });
  }

  #repairAll(found: readonly Difference[], done: () => void): void {
    this.#records += found.length;
    let begun = 0;
    let open = 0;
    const more = () => {
      while (open < limits.repairsInFlightMax && begun < found.length) {
        open++;
        this.#host.repair(found[begun++]!, this.#task.peer, () => {
          open--;
          more();
        });
      }
      if (open === 0 && begun === found.length) {
        begun++;
        done();
      }
    };
    more();
  }

  #askTree(groups: readonly number[], then: (theirs: Uint8Array, own: Leaves) => void): void {
    const { peer, epoch, ranges } = this.#task;
    const leaves = this.#host.leaves(epoch);
    if (leaves === null) return this.#breakOff();
    const root = sipTagHex(leaves.root(ranges));
    const build = (rpc: number) => ({ kind: 'tree', rpc, epoch, root, groups }) as const;
    this.#host.ask(peer, build, answerMs, (reply) => {
      const own = this.#host.leaves(epoch);
      if (reply?.kind !== 'treeReply' || reply.result !== 'ok' || own === null) return this.#breakOff();
      then(reply.hashes, own);
    });
  }

  #breakOff(): void {
    this.#ended({ end: 'brokenOff' });
  }
}

function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareUtf8(a, b) <= 0 ? a : b;
}

/** Keys that only one of both pages names, or both with another hash, up to row `upTo`, beyond which one may lack some. */
function differences(own: BucketPage, theirs: BucketPage, upTo: string | null): Difference[] {
  const hashes = new Map(theirs.records.map(({ ref, hash }) => [ref.row, hash]));
  const held = new Set(own.records.map(({ ref }) => ref.row));
  const found = [
    ...own.records
      .filter(({ ref, hash }) => hashes.get(ref.row) !== hash)
      .map(({ ref }) => ({ ref, peerHolds: hashes.has(ref.row) })),
    ...theirs.records.filter(({ ref }) => !held.has(ref.row)).map(({ ref }) => ({ ref, peerHolds: true })),
  ];
  return found.filter(({ ref }) => upTo === null || compareUtf8(ref.row, upTo) <= 0);
}
