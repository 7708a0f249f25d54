/**
 * Random histories of one key on three replicas that lose, delay and repeat messages, crash back to older states and
 * serve stale clients, run beside a ghost that keeps the plain set of writes each record has seen. What a version
 * vector and dots say must be what the sets say (invariants I5, I7 and I8).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { compareSiblings } from '../codec/sibling-order.ts';
import { formatDot } from './dot.ts';
import { emptyRecord, mergeRecords, recordHlc, sameRecord, writeSibling } from './dvv-set.ts';
import type { Dot, Sibling, StoredRecord, VersionVector } from './record.ts';
import { covers, descends, emptyClock, joinClocks } from './version-vector.ts';

/** The slow truth: every write seen, and those among them that nothing seen has superseded. */
interface Ghost {
  readonly seen: ReadonlySet<string>;
  readonly alive: ReadonlySet<string>;
}

interface Pair {
  readonly record: StoredRecord;
  readonly ghost: Ghost;
}

interface Context {
  readonly clock: VersionVector;
  readonly hlc: number;
  readonly seen: ReadonlySet<string>;
}

const nothing: Pair = { record: emptyRecord, ghost: { seen: new Set(), alive: new Set() } };
const blank: Context = { clock: emptyClock, hlc: 0, seen: new Set() };

function mergeGhosts(a: Ghost, b: Ghost): Ghost {
  const alive = [...a.alive].filter((d) => b.alive.has(d) || !b.seen.has(d));
  for (const d of b.alive) if (!a.seen.has(d)) alive.push(d);
  return { seen: new Set([...a.seen, ...b.seen]), alive: new Set(alive) };
}

function writeGhost(ghost: Ghost, covered: ReadonlySet<string>, dot: string): Ghost {
  const alive = [...ghost.alive].filter((d) => !covered.has(d));
  return { seen: new Set([...ghost.seen, ...covered, dot]), alive: new Set([...alive, dot]) };
}

const replica = fc.nat(2);
const command = fc.oneof(
  fc.record({
    type: fc.constant('put' as const),
    replica,
    client: fc.nat(2),
    remove: fc.boolean(),
    tick: fc.nat(2),
  }),
  fc.record({ type: fc.constant('blind' as const), replica, asked: fc.nat(7), tick: fc.nat(2) }),
  fc.record({ type: fc.constant('read' as const), replica, client: fc.nat(2) }),
  fc.record({ type: fc.constant('deliver' as const), replica, from: fc.nat(2), age: fc.nat(4) }),
  fc.record({ type: fc.constant('crash' as const), replica, age: fc.nat(4) }),
);
const history = fc.array(command, { maxLength: 30 });
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

class Cluster {
  readonly minted: Dot[] = [];
  /** Every state each replica has been in; the last is its present one. */
  readonly states: Pair[][] = [[nothing], [nothing], [nothing]];
  readonly #actors = ['r0', 'r1', 'r2'];
  readonly #contexts = [blank, blank, blank];
  #counter = 0;

  at(node: number): Pair {
    return this.states[node]!.at(-1)!;
  }

  run(step: Command): void {
    const { replica: node } = step;
    switch (step.type) {
      case 'put':
        this.#write(node, this.#contexts[step.client]!, step.remove, step.tick);
        break;
      case 'blind':
        this.#write(node, this.#quorum(node, step.asked), false, step.tick);
        break;
      case 'read':
        this.#contexts[step.client] = this.#contextOf([this.at(node)]);
        break;
      case 'deliver':
        this.#become(node, this.#merged(this.at(node), this.#older(step.from, step.age)));
        break;
      case 'crash':
        this.#actors[node] = `r${node}~${this.minted.length}.${this.states[node]!.length}`;
        this.#become(node, this.#older(node, step.age));
    }
  }

  /** What a plain put learns from the replicas it asks before it writes (its own among them). */
  #quorum(node: number, asked: number): Context {
    return this.#contextOf(
      [0, 1, 2].filter((n) => n === node || (asked >> n) % 2 === 1).map((n) => this.at(n)),
    );
  }

  #contextOf(pairs: readonly Pair[]): Context {
    return {
      clock: pairs.reduce((clock, { record }) => joinClocks(clock, record.clock), emptyClock),
      hlc: Math.max(...pairs.map(({ record }) => recordHlc(record))),
      seen: new Set(pairs.flatMap(({ ghost }) => [...ghost.seen])),
    };
  }

  #write(node: number, context: Context, remove: boolean, tick: number): void {
    const { record, ghost } = this.at(node);
    const dot: Dot = { actor: this.#actors[node] as ActorId, counter: ++this.#counter };
    this.minted.push(dot);
    const sibling: Sibling = {
      dot,
      hlc: (Math.max(recordHlc(record), context.hlc) + 1 + tick) as Hlc,
      value: remove ? null : new Uint8Array(0),
      scoped: remove,
      expiresAt: 0,
      request: '',
    };
    this.#become(node, {
      record: writeSibling(record, context.clock, sibling),
      ghost: writeGhost(ghost, context.seen, formatDot(dot)),
    });
  }

  #merged(a: Pair, b: Pair): Pair {
    return { record: mergeRecords(a.record, b.record), ghost: mergeGhosts(a.ghost, b.ghost) };
  }

  #older(node: number, age: number): Pair {
    const states = this.states[node]!;
    return states[Math.max(0, states.length - 1 - age)]!;
  }

  #become(node: number, pair: Pair): void {
    this.states[node]!.push(pair);
  }
}

function clusterAfter(steps: readonly Command[]): Cluster {
  const cluster = new Cluster();
  for (const step of steps) cluster.run(step);
  return cluster;
}

function expectEqual({ record, ghost }: Pair, minted: readonly Dot[]): void {
  expect(new Set(record.siblings.map((s) => formatDot(s.dot)))).toEqual(ghost.alive);
  for (const dot of minted) expect(covers(record.clock, dot)).toBe(ghost.seen.has(formatDot(dot)));
}

function expectCanonical(record: StoredRecord): void {
  const { clock, siblings } = record;
  for (let i = 1; i < clock.length; i++) expect(clock[i - 1]!.actor < clock[i]!.actor).toBe(true);
  for (let i = 1; i < siblings.length; i++)
    expect(compareSiblings(siblings[i - 1]!, siblings[i]!)).toBeLessThan(0);
  for (const { dot } of siblings) expect(covers(clock, dot)).toBe(true);
}

test('records say what explicit sets of writes say, after every step', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const cluster = new Cluster();
      for (const step of steps) {
        const before = cluster.at(step.replica).record;
        cluster.run(step);
        const after = cluster.at(step.replica);
        expectEqual(after, cluster.minted);
        expectCanonical(after.record);
        if (step.type !== 'crash') expect(descends(after.record.clock, before.clock)).toBe(true);
      }
    }),
    { numRuns: 400 },
  );
});

describe('merge, over all states that histories reach', () => {
  const threeStates = fc.tuple(history, fc.nat(), fc.nat(), fc.nat()).map(([steps, ...picks]) => {
    const states = clusterAfter(steps).states.flat();
    return picks.map((pick) => states[pick % states.length]!.record) as [
      StoredRecord,
      StoredRecord,
      StoredRecord,
    ];
  });

  test('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(threeStates, ([a, b, c]) => {
        const ab = mergeRecords(a, b);
        expect(sameRecord(ab, mergeRecords(b, a))).toBe(true);
        expect(sameRecord(mergeRecords(ab, c), mergeRecords(a, mergeRecords(b, c)))).toBe(true);
        expect(mergeRecords(ab, b)).toBe(ab);
        expect(mergeRecords(a, a)).toBe(a);
      }),
      { numRuns: 500 },
    );
  });

  test('answers the argument itself when the result equals it', () => {
    fc.assert(
      fc.property(threeStates, ([a, b]) => {
        const merged = mergeRecords(a, b);
        if (sameRecord(merged, a)) expect(merged).toBe(a);
        else if (sameRecord(merged, b)) expect(merged).toBe(b);
      }),
      { numRuns: 500 },
    );
  });

  test('keeps the newest write: no merge lowers the highest HLC', () => {
    fc.assert(
      fc.property(threeStates, ([a, b]) => {
        expect(recordHlc(mergeRecords(a, b))).toBe(Math.max(recordHlc(a), recordHlc(b)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('siblings do not explode', () => {
  test('W clients that write with what they last saw never make more than W', () => {
    const steps = fc.array(fc.record({ client: fc.nat(4), node: replica, from: replica }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, (clients, puts) => {
        const records = [emptyRecord, emptyRecord, emptyRecord];
        const contexts = new Map<number, StoredRecord>();
        for (const [i, { client, node, from }] of puts.entries()) {
          const base = records[node]!;
          const { clock } = contexts.get(client % clients) ?? emptyRecord;
          const sibling = blindValue({ actor: `r${node}` as ActorId, counter: i + 1 }, i + 1);
          records[node] = writeSibling(base, clock, sibling);
          contexts.set(client % clients, records[node]);
          records[from] = mergeRecords(records[from]!, records[node]);
          for (const record of records) expect(record.siblings.length).toBeLessThanOrEqual(clients);
        }
      }),
    );
  });

  test('W plain writes that race leave at most W, and the next plain write leaves one', () => {
    fc.assert(
      fc.property(fc.array(replica, { minLength: 1, maxLength: 8 }), (nodes) => {
        const records = [emptyRecord, emptyRecord, emptyRecord];
        for (const [i, node] of nodes.entries()) {
          records[node] = writeSibling(
            records[node]!,
            emptyClock,
            blindValue({ actor: `r${node}` as ActorId, counter: i + 1 }, 1),
          );
        }
        const all = records.reduce(mergeRecords);
        expect(all.siblings.length).toBeLessThanOrEqual(nodes.length);
        expect(
          writeSibling(all, all.clock, blindValue({ actor: 'r0' as ActorId, counter: 99 }, 2)).siblings
            .length,
        ).toBe(1);
      }),
    );
  });
});

function blindValue(dot: Dot, hlc: number): Sibling {
  return { dot, hlc: hlc as Hlc, value: new Uint8Array(0), scoped: false, expiresAt: 0, request: '' };
}
