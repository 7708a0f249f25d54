import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNews, mergeStates, outranks } from './merge.ts';
import type { MemberState } from './packet.ts';
import { anyState } from './test-states.ts';

/** States of one member's one data directory, small numbers so that they meet. */
const state = anyState({ nodeId: 'x', instanceId: '00000000000000aa' });

/** All that a belief consists of, but whose word it is: any accuser's will do. */
function belief({ claim, status }: MemberState): unknown {
  return [claim.incarnation, claim.factsVersion, status];
}

test('the same states in any order, any number of times, end in the same belief', () => {
  fc.assert(
    fc.property(
      fc.array(state, { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.nat(7)),
      (states, picks) => {
        const straight = states.reduce(mergeStates);
        const shuffled = [...states].reverse();
        for (let i = 0; i < 20; i++) shuffled.push(states[picks.next().value! % states.length]!);
        expect(belief(shuffled.reduce(mergeStates))).toEqual(belief(straight));
        for (const each of states) expect(isNews(straight, each)).toBe(false);
      },
    ),
  );
});

test('merging is associative and never loses to what it has heard', () => {
  fc.assert(
    fc.property(state, state, state, (a, b, c) => {
      const left = mergeStates(mergeStates(a, b), c);
      expect(belief(left)).toEqual(belief(mergeStates(a, mergeStates(b, c))));
      expect(left.claim.incarnation).toBe(
        Math.max(a.claim.incarnation, b.claim.incarnation, c.claim.incarnation),
      );
    }),
  );
});

test('no news leaves the very same object', () => {
  fc.assert(fc.property(state, (a) => void expect(mergeStates(a, { ...a })).toBe(a)));
});

test('newer facts of a suspect do not clear it', () => {
  fc.assert(
    fc.property(state, (a) => {
      const suspect: MemberState = { ...a, status: 'suspect' };
      const claim = { ...a.claim, factsVersion: a.claim.factsVersion + 1 };
      const merged = mergeStates(suspect, { claim, status: 'alive', by: claim.nodeId });
      expect(merged).toEqual({ claim, status: 'suspect', by: suspect.by });
    }),
  );
});

test('of two claims to a node id exactly one outranks the other', () => {
  const claims = anyState({ nodeId: 'x' }).map(({ claim }) => claim);
  fc.assert(
    fc.property(claims, claims, (one, other) => {
      fc.pre(one.instanceId !== other.instanceId);
      expect(outranks(one, other)).toBe(!outranks(other, one));
    }),
  );
});
