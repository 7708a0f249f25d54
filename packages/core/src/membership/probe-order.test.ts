import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { ProbeOrder } from './probe-order.ts';
import { nodeId, seededRandom } from './test-names.ts';

const names = Array.from({ length: 20 }, (_, i) => nodeId(`n${i}`));

function order(members: Set<NodeId>, seed: number): ProbeOrder {
  return new ProbeOrder(
    seededRandom(seed),
    () => [...members],
    (name) => members.has(name),
  );
}

test('no member waits longer than two rounds less one probe', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer(), (count, seed) => {
      const members = new Set(names.slice(0, count));
      const probes = order(members, seed);
      const lastAt = new Map<NodeId, number>();
      for (let i = 0; i < 10 * count; i++) {
        const name = probes.next();
        expect(name).not.toBeNull();
        expect(i - (lastAt.get(name!) ?? -1)).toBeLessThanOrEqual(2 * count - 1);
        lastAt.set(name!, i);
      }
      expect(lastAt.size).toBe(count);
    }),
  );
});

test('a newcomer is probed within two rounds, and whoever is gone no more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 19 }), fc.nat(40), fc.integer(), (count, before, seed) => {
      const members = new Set(names.slice(0, count));
      const probes = order(members, seed);
      for (let i = 0; i < before; i++) probes.next();
      members.delete(names[0]!);
      members.add(names[count]!);
      probes.insert(names[count]!);
      probes.insert(names[count]!);
      const seen = Array.from({ length: 2 * count }, () => probes.next());
      expect(seen).toContain(names[count]);
      expect(seen).not.toContain(names[0]);
    }),
  );
});

test('a newcomer lands anywhere in the round', () => {
  const places = new Set<number>();
  for (let seed = 0; seed < 200; seed++) {
    const members = new Set(names.slice(0, 5));
    const probes = order(members, seed);
    probes.next();
    members.add(names[5]!);
    probes.insert(names[5]!);
    places.add(Array.from({ length: 10 }, () => probes.next()).indexOf(names[5]!));
  }
  expect(places.size).toBeGreaterThan(5);
});

test('hastened members are urgent once each, in any order, while they are eligible', () => {
  const firsts = new Set<NodeId | null>();
  for (let seed = 0; seed < 50; seed++) {
    const members = new Set(names.slice(0, 5));
    const probes = order(members, seed);
    probes.next();
    for (const i of [1, 3, 4, 9]) probes.hasten(names[i]!);
    members.delete(names[4]!);
    const urgent = [probes.nextUrgent(), probes.nextUrgent(), probes.nextUrgent()];
    expect(new Set(urgent)).toEqual(new Set([names[1], names[3], null]));
    expect(urgent[2]).toBeNull();
    firsts.add(urgent[0]!);
  }
  expect(firsts.size).toBe(2);
});

test('with nobody to probe there is nobody to probe', () => {
  expect(order(new Set(), 1).next()).toBeNull();
});
