import { describe, expect, it } from 'vitest';
import type { ActorId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { NodeClock, nodeClockRow } from './node-clock.ts';

const dot = (actor: string, counter: number) => ({ actor: actor as ActorId, counter });

describe("a node's clock", () => {
  it('holds the highest counter heard of each actor, in order of actors', () => {
    const clock = new NodeClock(null);
    clock.note([dot('b', 2), dot('c', 9)]);
    clock.note([dot('a', 1), dot('b', 1), dot('c', 10)]);
    expect(clock.clock()).toEqual([dot('a', 1), dot('b', 2), dot('c', 10)]);
  });

  it('goes down when it has changed, once a second or at a stop, and is there in the next life', () => {
    const rows = new MemoryRows();
    const clock = new NodeClock(null);
    const saved = () => {
      rows.sync();
      return new NodeClock(rows.rows.get(nodeClockRow)).clock();
    };
    clock.save(rows.log, 0);
    expect(saved()).toEqual([]);
    clock.note([dot('a', 1)]);
    clock.save(rows.log, 10);
    expect(saved()).toEqual([dot('a', 1)]);
    clock.note([dot('a', 2)]);
    clock.save(rows.log, 1009);
    expect(saved()).toEqual([dot('a', 1)]);
    clock.save(rows.log, 1010);
    expect(saved()).toEqual([dot('a', 2)]);
    clock.note([dot('a', 3)]);
    clock.save(rows.log, 1011, true);
    expect(saved()).toEqual([dot('a', 3)]);
  });

  it('takes a damaged row for none', () => {
    expect(new NodeClock('corrupt').clock()).toEqual([]);
    expect(new NodeClock(new Uint8Array([1, 2, 3])).clock()).toEqual([]);
  });

  it('forgets the actor met first when there are too many (limits.clockActorsMax)', () => {
    const clock = new NodeClock(null);
    for (let at = 0; at < limits.clockActorsMax; at++) clock.note([dot(`n${at}`, 1)]);
    expect(clock.clock()).toHaveLength(limits.clockActorsMax);
    expect(clock.clock()).toContainEqual(dot('n0', 1));
    clock.note([dot('newest', 1)]);
    expect(clock.clock()).toHaveLength(limits.clockActorsMax);
    expect(clock.clock()).not.toContainEqual(dot('n0', 1));
    expect(clock.clock()).toContainEqual(dot('newest', 1));
  });
});
