import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemberTable } from './member-table.ts';
import { nodeId } from './test-names.ts';
import { anyState } from './test-states.ts';

test('every alive member is the ward of exactly one other, where all agree on who is alive', () => {
  const states = fc.uniqueArray(anyState(), {
    minLength: 2,
    maxLength: 12,
    selector: ({ claim }) => claim.nodeId,
  });
  fc.assert(
    fc.property(states, (members) => {
      const alive = members.filter(({ status }) => status === 'alive').map(({ claim }) => claim.nodeId);
      const wards = alive.map((observer) => {
        const table = new MemberTable(20);
        for (const state of members) if (state.claim.nodeId !== observer) table.put(state, 0, 0);
        return table.wardOf(observer);
      });
      if (alive.length < 2) expect(wards.every((ward) => ward === null)).toBe(true);
      else expect(wards.toSorted()).toEqual(alive.toSorted());
    }),
  );
});

test('without members there is no ward', () => {
  expect(new MemberTable(20).wardOf(nodeId('alone'))).toBeNull();
});
