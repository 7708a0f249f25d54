import type { Bucket } from '../base/ids.ts';
import { bucketCount } from './bucket-range.ts';

/** A token and the index of the node that holds it. */
export interface Placed {
  readonly token: Bucket;
  readonly node: number;
}

/**
 * The vnodes of one ring as a linked circle over the buckets, so that a walk, an insertion and its undoing cost the
 * same whatever the number of vnodes. Nodes are numbers here: lists are worked out for tens of thousands of arcs.
 */
export class Circle {
  readonly #nodeAt = new Int16Array(bucketCount).fill(-1);
  readonly #next = new Uint16Array(bucketCount);
  readonly #length = new Uint32Array(bucketCount);

  /** At least one vnode, in ascending order of token. */
  constructor(vnodes: readonly Placed[]) {
    let before = vnodes.at(-1)!.token - bucketCount;
    for (const { token, node } of vnodes) {
      this.#nodeAt[token] = node;
      this.#length[token] = token - before;
      this.#next[before & (bucketCount - 1)] = token;
      before = token;
    }
  }

  /** The node whose vnode this is, or −1 if no vnode ends at the bucket. */
  nodeAt(token: Bucket): number {
    return this.#nodeAt[token]!;
  }

  /** The next vnode clockwise. */
  next(token: Bucket): Bucket {
    return this.#next[token]!;
  }

  /** The vnode before this one: the bucket just before this arc begins. */
  previous(token: Bucket): Bucket {
    return (token - this.#length[token]!) & (bucketCount - 1);
  }

  /** Buckets in the arc that ends at this vnode. */
  length(token: Bucket): number {
    return this.#length[token]!;
  }

  /** Gives the first `buckets` buckets of the arc that ends at `end` to a new vnode of `node`; answers its token. */
  split(end: Bucket, buckets: number, node: number): Bucket {
    const before = this.previous(end);
    const token = (before + buckets) & (bucketCount - 1);
    this.#nodeAt[token] = node;
    this.#length[token] = buckets;
    this.#length[end]! -= buckets;
    this.#next[before] = token;
    this.#next[token] = end;
    return token;
  }

  /** Undoes the split that made this vnode: its arc falls to the next one. */
  remove(token: Bucket): void {
    const end = this.next(token);
    this.#next[this.previous(token)] = end;
    this.#length[end]! += this.#length[token]!;
    this.#length[token] = 0;
    this.#nodeAt[token] = -1;
  }
}
