import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { planNext, ruleOn } from './operation-list.ts';
import { planAbort, planDone, planFirst, planJoin } from './plan.ts';
import { type Joiner, planDigest, planOperation } from './plan-operation.ts';
import { type ReplicaSet, Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';
import { brokenRingLaw, brokenStepLaw } from './ring-law.ts';
import type { RingAim, RingCommand, RingOperation } from './ring-operation.ts';
import { layoutNow, sameLayout } from './settle.ts';
import { mustTake, newcomersAreEnough, takersOf } from './takers.ts';

const id = (name: string) => name as NodeId;
const joiner = (index: number, weight = 1, zone = 'z'): Joiner => ({ nodeId: id(`n${index}`), zone, weight });

function grown(nodes: readonly Joiner[], replicas: number): RingDoc {
  let doc = planFirst('0123456789abcdef', nodes[0]!, replicas);
  for (const node of nodes.slice(1)) doc = planDone(planJoin(doc, node)!)!;
  return doc;
}

const five = grown(
  Array.from({ length: 5 }, (_, i) => joiner(i)),
  3,
);

function asked(aim: RingAim, force = false, plan = ''): RingOperation {
  return { id: 'op', aim, plan, force, state: 'queued', since: 1, reason: '' };
}

function begun(doc: RingDoc, aim: RingAim, force = false): RingDoc {
  const next = planOperation(doc, asked(aim, force));
  if (typeof next === 'string') throw new Error(next);
  return next;
}

/** Largest ratio of what a member owns to what its weight entitles it to. */
function imbalance(doc: RingDoc): number {
  const weight = doc.members.reduce((sum, member) => sum + member.weight, 0);
  const shares = new Ring(doc).ownership();
  return Math.max(...doc.members.map((member, i) => (shares[i]!.share * weight) / member.weight));
}

function setsOf(doc: RingDoc): ReplicaSet[] {
  const sets = new Set<ReplicaSet>();
  new Ring(doc).eachArc((_range, set) => void sets.add(set));
  return [...sets];
}

const anyNodes = fc.array(
  fc.record({ zone: fc.constantFrom('east', 'west', 'north'), weight: fc.integer({ min: 1, max: 3 }) }),
  { minLength: 2, maxLength: 6 },
);

const anyAim = (nodes: number): fc.Arbitrary<RingAim> => {
  const member = fc.nat(nodes - 1).map((i) => id(`n${i}`));
  const zone = fc.constantFrom('east', 'south');
  return fc.oneof(
    fc.record({
      kind: fc.constant('join' as const),
      nodeId: fc.constant(id('x')),
      zone,
      weight: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ kind: fc.constantFrom('drain' as const, 'remove' as const), nodeId: member }),
    fc.record({ kind: fc.constant('replace' as const), nodeId: member, by: fc.constant(id('x')), zone }),
    fc.record({
      kind: fc.constant('reshape' as const),
      nodeId: member,
      zone,
      weight: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({ kind: fc.constant('replicas' as const), replicas: fc.integer({ min: 1, max: 5 }) }),
  );
};

/** A settled ring and an aim that can be planned on it. */
const anyStep = anyNodes.chain((nodes) =>
  fc
    .record({ replicas: fc.integer({ min: 1, max: 5 }), aim: anyAim(nodes.length) })
    .map(({ replicas, aim }) => {
      const before = grown(
        nodes.map(({ zone, weight }, i) => joiner(i, weight, zone)),
        replicas,
      );
      return { before, during: planOperation(before, asked(aim, true)) };
    }),
);

describe('the plan of any operation', () => {
  it('is two lawful steps, moves nothing until the second, and nothing at all if it is aborted', {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(anyStep, ({ before, during }) => {
        if (typeof during === 'string') return;
        expect([brokenRingLaw(during), brokenStepLaw(before, during)]).toEqual([null, null]);
        expect(sameLayout(layoutNow(before), layoutNow(during))).toBe(true);
        const [after, back] = [planDone(during)!, planAbort(during)!];
        expect([brokenStepLaw(during, after), brokenStepLaw(during, back)]).toEqual([null, null]);
        expect(sameLayout(layoutNow(before), layoutNow(back))).toBe(true);
        expect(imbalance(after)).toBeLessThanOrEqual(1.05);
      }),
      { numRuns: 40 },
    );
  });

  it('gives every arc the replicas of before and of after, and every majority of after what a majority of before had', {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(anyStep, ({ before, during }) => {
        if (typeof during === 'string') return;
        const rings = [new Ring(before), new Ring(during), new Ring(planDone(during)!)] as const;
        for (let bucket = 0; bucket < 65_536; bucket += 97) {
          const [was, moving, is] = rings.map((ring) => ring.replicasOf(bucket)) as [
            ReplicaSet,
            ReplicaSet,
            ReplicaSet,
          ];
          expect(moving.current).toEqual(was.current);
          if (moving.pending !== null) expect(is.current).toEqual(moving.pending);
          else expect(new Set(is.current)).toEqual(new Set(was.current));
        }
        for (const set of setsOf(during))
          if (set.pending !== null) expectCarried(set.current, set.pending, set);
      }),
      { numRuns: 40 },
    );
  });

  it('is the same whoever makes it, and its digest names it', () => {
    const aim: RingAim = { kind: 'drain', nodeId: id('n1') };
    const plan = planDigest(begun(five, aim));
    expect(planOperation(five, { ...asked(aim, false, plan), id: 'other' })).not.toBe('planChanged');
    const smaller = planDone(begun(five, { kind: 'drain', nodeId: id('n4') }))!;
    expect(planOperation(smaller, asked(aim, false, plan))).toBe('planChanged');
  });
});

/** Whatever majority of the old replicas has a write, once the takers have taken it every majority of the new ones meets it. */
function expectCarried(current: readonly NodeId[], pending: readonly NodeId[], set: ReplicaSet): void {
  for (const holders of majorities(current)) {
    const after = pending.filter((node) => holders.includes(node) || mustTake(set, node));
    for (const asks of majorities(pending)) expect(asks.some((node) => after.includes(node))).toBe(true);
  }
}

function majorities(nodes: readonly NodeId[]): NodeId[][] {
  return Array.from({ length: 2 ** nodes.length }, (_, bits) =>
    nodes.filter((_node, i) => (bits >> i) & 1),
  ).filter((some) => some.length > nodes.length / 2);
}

describe('a drain', () => {
  it('moves only what the leaving node held, to one other node each, and keeps everybody’s number of tokens', () => {
    const during = begun(five, { kind: 'drain', nodeId: id('n1') });
    for (const { current, pending } of setsOf(during)) {
      if (pending === null) expect(current).not.toContain('n1');
      else {
        expect(current.filter((node) => !pending.includes(node))).toEqual(['n1']);
        expect(pending.filter((node) => !current.includes(node))).toHaveLength(1);
      }
    }
    const after = planDone(during)!;
    expect(after.members.map(({ tokens }) => tokens.length)).toEqual([150, 150, 150, 150]);
    expect([...takersOf(new Ring(during))].sort()).toEqual(['n0', 'n2', 'n3', 'n4']);
  });

  it('of one node after the other leaves the rest even, down to the last', () => {
    let doc = grown(
      Array.from({ length: 9 }, (_, i) => joiner(i, 1 + (i % 3))),
      3,
    );
    for (let i = 0; i < 8; i++) {
      doc = planDone(begun(doc, { kind: 'drain', nodeId: id(`n${i}`) }, true))!;
      expect(imbalance(doc)).toBeLessThanOrEqual(1.05);
    }
    expect(planOperation(doc, asked({ kind: 'drain', nodeId: id('n8') }, true))).toBe('onlyOwner');
  });

  it('is refused where keys would lose a replica for good, unless it is forced', () => {
    const three = grown([joiner(0), joiner(1), joiner(2)], 3);
    const aim: RingAim = { kind: 'drain', nodeId: id('n1') };
    expect(planOperation(three, asked(aim))).toBe('tooFewNodes');
    expect(new Ring(planDone(begun(three, aim, true))!).effectiveReplicas).toBe(2);
    expect(planOperation(three, asked({ ...aim, nodeId: id('n9') }))).toBe('unknownNode');
  });
});

describe('a replacement', () => {
  it('gives the heir exactly what the other held', () => {
    const during = begun(five, { kind: 'replace', nodeId: id('n2'), by: id('x'), zone: 'z' });
    for (const { current, pending } of setsOf(during))
      if (pending !== null) expect(pending).toEqual(current.map((node) => (node === 'n2' ? 'x' : node)));
    expect([...takersOf(new Ring(during))]).toEqual(['x']);
  });
});

describe('old replicas that stay', () => {
  it.each([
    [3, 2, 3, true],
    [5, 4, 4, true],
    [5, 3, 3, false],
    [1, 1, 3, true],
    [3, 3, 5, true],
    [4, 1, 3, true],
  ])('of %i, %i of them, among %i: the newcomers are enough: %s', (before, both, after, enough) => {
    const old = Array.from({ length: before }, (_, i) => id(`n${i}`));
    const staying = old.slice(0, both);
    const next = [...staying, ...Array.from({ length: after - both }, (_, i) => id(`x${i}`))];
    expect(newcomersAreEnough(old, next)).toBe(enough);
  });
});

describe('the operations of a ring', () => {
  const begin = (name: string, node: string): RingCommand => ({
    kind: 'begin',
    id: name,
    aim: { kind: 'drain', nodeId: id(node) },
    plan: '',
    force: false,
  });
  const next = (doc: RingDoc, command: RingCommand): RingDoc => {
    const ruling = ruleOn(doc, command);
    if (ruling.type !== 'next') throw new Error(JSON.stringify(ruling));
    expect(brokenStepLaw(doc, ruling.doc)).toBeNull();
    return ruling.doc;
  };
  const states = (doc: RingDoc) => doc.operations.slice(-2).map(({ state }) => state);

  it('wait for each other, and are planned when their turn comes', () => {
    const first = next(five, begin('a', 'n1'));
    const second = next(first, begin('b', 'n2'));
    expect(states(second)).toEqual(['running', 'queued']);
    expect(planNext(second)).toBeNull();
    const settled = planDone(second)!;
    const last = planNext(settled)!;
    expect(brokenStepLaw(settled, last)).toBeNull();
    expect(states(last)).toEqual(['done', 'running']);
    expect(last.members.find(({ status }) => status === 'leaving')?.nodeId).toBe('n2');
  });

  it('are refused when their turn comes and they cannot be planned any more', () => {
    const four = planDone(begun(five, { kind: 'drain', nodeId: id('n4') }))!;
    const waiting = planDone(next(next(four, begin('a', 'n1')), begin('b', 'n2')))!;
    const last = planNext(waiting)!;
    expect(brokenStepLaw(waiting, last)).toBeNull();
    expect([last.change, last.operations.at(-1)]).toMatchObject([
      null,
      { state: 'refused', reason: 'tooFewNodes' },
    ]);
  });

  it('are paused, resumed and aborted, at once where they only wait', () => {
    const running = next(five, begin('a', 'n1'));
    const paused = next(running, { kind: 'pause', id: 'a' });
    expect([new Ring(paused).paused, planDone(paused)]).toEqual([true, null]);
    expect(ruleOn(paused, { kind: 'pause', id: 'a' })).toMatchObject({ type: 'granted' });
    const resumed = next(paused, { kind: 'resume', id: 'a' });
    expect(states(resumed).at(-1)).toBe('running');
    const waiting = next(resumed, begin('b', 'n2'));
    expect(ruleOn(waiting, { kind: 'pause', id: 'b' })).toEqual({ type: 'refused', refusal: 'notStarted' });
    expect(states(next(waiting, { kind: 'abort', id: 'b' }))).toEqual(['running', 'aborted']);
    const aborted = next(waiting, { kind: 'abort', id: 'a' });
    expect([states(aborted), aborted.change]).toEqual([['aborted', 'queued'], null]);
    expect(ruleOn(aborted, { kind: 'resume', id: 'a' })).toEqual({ type: 'refused', refusal: 'ended' });
    expect(ruleOn(aborted, { kind: 'abort', id: 'c' })).toEqual({
      type: 'refused',
      refusal: 'unknownOperation',
    });
  });

  it('are asked for once however often they are asked for', () => {
    const running = next(five, begin('a', 'n1'));
    expect(ruleOn(running, begin('a', 'n1'))).toMatchObject({ type: 'granted' });
    expect(ruleOn(running, begin('b', 'n1'))).toEqual({ type: 'refused', refusal: 'alreadyAsked' });
  });

  it('wait up to a bound, and are forgotten oldest first when they have ended (limits.ringOperationsMax)', () => {
    let doc = next(five, begin('op-0', 'n0'));
    for (let i = 1; i < 16; i++) {
      const aim: RingAim = { kind: 'replicas', replicas: 1 };
      doc = {
        ...doc,
        operations: [...doc.operations, { ...asked(aim), id: `op-${i}` }],
      };
    }
    expect(ruleOn(doc, begin('one-more', 'n1'))).toEqual({ type: 'refused', refusal: 'queueFull' });
    let settled = five;
    for (let i = 0; i < 40; i++)
      settled = next(next(settled, begin(`op-${i}`, 'n1')), { kind: 'abort', id: `op-${i}` });
    expect(settled.operations).toHaveLength(32);
    expect(settled.operations.at(-1)?.id).toBe('op-39');
    const tooMany = {
      ...settled,
      operations: [...settled.operations, asked({ kind: 'replicas', replicas: 1 })],
    };
    expect(brokenRingLaw(tooMany)).toBe('a ring remembers 32 operations');
  });
});
