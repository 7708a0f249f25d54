import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankList, lastIsInEvery, preferenceList, spreadOver } from './preference-list.ts';
import { Vnodes } from './vnodes.ts';

/** All lists of a ring whose i-th vnode is of node `nodes[i]`. */
function allLists(nodes: readonly number[], zones: readonly string[], replicas: number): number[][] {
  const spread = spreadOver(zones, () => true, replicas);
  const walk = new Vnodes(
    Uint16Array.from(nodes, (_, i) => i),
    Uint16Array.from(nodes),
  );
  const list = blankList(spread);
  return nodes.map((_, at) => [...preferenceList(walk, at, spread, list)]);
}

const ring = fc
  .record({
    zones: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 7 }),
    replicas: fc.integer({ min: 1, max: 7 }),
    more: fc.array(fc.nat(100), { maxLength: 40 }),
  })
  .map(({ zones, replicas, more }) => ({
    zones,
    replicas,
    // Every node has a vnode.
    nodes: [...zones.keys(), ...more.map((drawn) => drawn % zones.length)],
  }))
  .chain(({ zones, replicas, nodes }) =>
    fc
      .shuffledSubarray(nodes, { minLength: nodes.length })
      .map((shuffled) => ({ zones, replicas, nodes: shuffled })),
  );

describe('the last node', () => {
  it('is in every list where that is said, and the others are the same wherever its vnodes lie', () => {
    fc.assert(
      fc.property(ring, fc.nat(), ({ zones, replicas, nodes }, turn) => {
        const last = zones.length - 1;
        if (!lastIsInEvery(zones, replicas)) return;
        const lists = allLists(nodes, zones, replicas);
        for (const list of lists) expect(list).toContain(last);
        const others = nodes.filter((node) => node !== last);
        if (others.length === 0) return;
        // Its vnodes moved together to another place: the lists of the others' arcs keep their members.
        const at = turn % others.length;
        const moved = [...others.slice(0, at), last, ...others.slice(at)];
        const membersOf = (all: readonly number[]) =>
          allLists(all, zones, replicas)
            .filter((_, i) => all[i] !== last)
            .map((list) => [...list].sort((a, b) => a - b));
        expect(membersOf(moved)).toEqual(membersOf(nodes));
      }),
    );
  });

  it.each([
    ['one zone, all hold all', ['a', 'a', 'a'], 3, true],
    ['one zone, more nodes than replicas', ['a', 'a', 'a', 'a'], 3, false],
    ['the first of a second zone', ['a', 'a', 'a', 'a', 'b'], 3, true],
    ['the first of a third zone', ['a', 'a', 'b', 'b', 'c'], 3, true],
    ['the second of a third zone', ['a', 'a', 'b', 'b', 'c', 'c'], 3, false],
    ['the first of a fourth zone', ['a', 'b', 'c', 'd'], 3, false],
    ['one of two in the smaller zone, with room for both', ['a', 'a', 'a', 'b', 'b'], 4, true],
  ])('%s', (_, zones, replicas, expected) => {
    expect(lastIsInEvery(zones, replicas)).toBe(expected);
  });
});
