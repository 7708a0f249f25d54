/** What a damaged or forged claim does that reaches a node, just started, before the true one. */
import { describe, expect, test } from 'vitest';
import type { MemberState } from './packet.ts';
import { about, gossipOf } from './test-forgery.ts';
import { address } from './test-names.ts';
import { SwimWorld } from './test-world.ts';

/** The third of three members, and the second just restarted: the only news it has of the third is `change`d. */
function misinformed(seed: number, change: Partial<MemberState['claim']>) {
  const world = new SwimWorld(seed, { codec: true });
  const [first, second, subject] = world.settledCluster(3);
  world.crash(second!);
  const victim = world.restart(second!);
  const honest = about(subject!, {});
  world.inject(
    victim,
    first!.address,
    gossipOf(first!, [{ ...honest, claim: { ...honest.claim, ...change } }]),
  );
  return { world, first: first!, victim, subject: subject! };
}

describe('a forged claim that reaches a node before the true one', () => {
  test('under another data directory moves the holder of the id to nothing, and is dropped in time', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { world, first, victim, subject } = misinformed(seed, { instanceId: 'ffffffffffffffff' });
      expect(victim.swim.member(subject.name)!.instanceId).toBe('ffffffffffffffff');
      const healed = () =>
        victim.swim.member(subject.name)!.instanceId === subject.instanceId && world.isSettled();
      expect(world.runUntil(healed, 90_000), `seed ${seed}`).not.toBeNull();
      expect(subject.noticed('replaced') || subject.noticed('nodeIdHeld')).toBe(false);
      expect(
        first.changes.filter(({ member }) => member.status === 'left' || member.status === 'dead'),
      ).toEqual([]);
    }
  });

  test('with another address is put right within seconds, though it has the version of the true one', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { world, victim, subject } = misinformed(seed, { address: address('10.9.9.9:7000') });
      expect(victim.swim.addressOf(subject.name)).toBe('10.9.9.9:7000');
      expect(
        world.runUntil(() => world.isSettled(), 15_000),
        `seed ${seed}`,
      ).not.toBeNull();
      expect(victim.swim.addressOf(subject.name)).toBe(subject.address);
    }
  });
});
