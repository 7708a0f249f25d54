import type { NodeId } from '@starling/core/base/ids.ts';
import type { NodeEvent } from '@starling/core/node/event.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { type BucketRange, bucketCount } from '@starling/core/ring/bucket-range.ts';
import type { ReplicaSet, Ring } from '@starling/core/ring/ring.ts';
import { bucketStart } from '@starling/core/ring/rows.ts';
import { mustTake } from '@starling/core/ring/takers.ts';
import type { SimProcess } from '../sim/process.ts';
import { type Checker, ensure } from './checker.ts';

type PullCall = Extract<PeerMessage, { kind: 'pull' }>;

/** A change in progress: its ring is the plan, for it lists the replicas of now and of afterwards. */
interface Change {
  readonly plan: Ring;
  /** By node: the buckets it has asked for since the change began, in any of its lives; 1 is asked for. */
  readonly asked: Map<NodeId, Uint8Array>;
}

/**
 * I42: what is carried out is what the plan of a change shows. Observes what nodes ask of each other: nobody takes over a
 * bucket but whoever is given it, or stays and cannot be sure to have it whole; and the ring that ends it: if it is done every bucket is
 * where the plan puts it and whoever has gained one has asked for it, if it is aborted every bucket is where it was.
 */
export class PlanKept implements Checker {
  readonly id = 'I42';
  readonly #changes = new Map<string, Change>();
  #newestEnd = 0;

  event({ machine }: SimProcess, event: NodeEvent): void {
    if (event.type !== 'ring') return;
    const ring = machine?.ring() ?? null;
    if (ring === null) return;
    if (ring.changing !== null) this.#changeOf(ring);
    else if (ring.epoch > this.#newestEnd) this.#ends(ring);
  }

  sent({ nodeId, machine }: SimProcess, _to: NodeId, message: PeerMessage): void {
    if (message.kind !== 'pull') return;
    const ring = machine?.ring() ?? null;
    // Pages after the first are of the same ranges.
    if (ring === null || message.after !== bucketStart(message.ranges[0]!.from)) return;
    const { state } = machine!;
    // By the ring before, in the very step in which this one came into force; or by a node that may be recovering.
    if (message.epoch === ring.epoch && state !== 'recovering' && state !== 'stopping')
      this.#checkAsked(nodeId, ring, message);
    if (ring.changing === null) return;
    const { asked } = this.#changeOf(ring);
    const buckets = asked.get(nodeId) ?? new Uint8Array(bucketCount);
    asked.set(nodeId, buckets);
    for (const { from, to } of message.ranges) buckets.fill(1, from, to + 1);
  }

  /** What is lost history is read back by another plan; everything else is part of a change that is not held up. */
  #checkAsked(node: NodeId, ring: Ring, { ranges }: PullCall): void {
    ensure(
      this.id,
      ring.changing !== null && !ring.paused,
      () => `${node} takes over in epoch ${ring.epoch}, in which nothing moves`,
    );
    const stray = ranges.find((range) => !arcsIn(ring, range).every((set) => mustTake(set, node)));
    ensure(
      this.id,
      stray === undefined,
      () => `${node} takes over buckets from ${stray?.from}, which the plan does not give it`,
    );
  }

  #changeOf(ring: Ring): Change {
    const name = nameOf(ring, ring.changing!.operation);
    const known = this.#changes.get(name);
    if (known !== undefined) return known;
    const change: Change = { plan: ring, asked: new Map() };
    this.#changes.set(name, change);
    return change;
  }

  #ends(ring: Ring): void {
    this.#newestEnd = ring.epoch;
    for (const { id, state, since } of ring.doc.operations) {
      const name = nameOf(ring, id);
      const change = this.#changes.get(name);
      if (change === undefined || since !== ring.epoch) continue;
      this.#changes.delete(name);
      this.#checkPlaces(change, ring, state === 'done');
    }
  }

  #checkPlaces({ plan, asked }: Change, ring: Ring, done: boolean): void {
    plan.eachArc(({ from, to }, { current, pending }) => {
      const planned = done ? (pending ?? current) : current;
      const found = ring.replicasOf(to).current;
      ensure(
        this.id,
        planned.length === found.length && planned.every((node) => found.includes(node)),
        () => `buckets from ${from} were to be on ${planned.join()} and are on ${found.join()}`,
      );
      const blind = found.find((node) => !current.includes(node) && !isAsked(asked.get(node), { from, to }));
      ensure(
        this.id,
        blind === undefined,
        () => `${blind} was given buckets from ${from} and has never asked for them`,
      );
    });
  }
}

function nameOf({ doc }: Ring, operation: string): string {
  return `${doc.clusterId} ${operation}`;
}

function isAsked(asked: Uint8Array | undefined, { from, to }: BucketRange): boolean {
  return asked?.subarray(from, to + 1).every((each) => each === 1) ?? false;
}

/** The replicas of each arc that has a part in the range. */
function arcsIn(ring: Ring, { from, to }: BucketRange): ReplicaSet[] {
  const sets: ReplicaSet[] = [];
  for (let bucket = from; bucket <= to; bucket++) {
    const set = ring.replicasOf(bucket);
    if (sets.at(-1) !== set) sets.push(set);
  }
  return sets;
}
