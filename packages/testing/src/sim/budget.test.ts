import type { NodeId } from '@starling/core/base/ids.ts';
import { encodeRecord } from '@starling/core/codec/record.ts';
import { describe, expect, it } from 'vitest';
import { type Actor, dot, record, row, sibling, stage } from '../checkers/stage.test-kit.ts';
import { mayBegin, mayLose, mayWipe } from './budget.ts';

const a1 = dot('n1', 1);
const held = encodeRecord(record([a1], sibling(a1, 1)));

/** A cluster of which each actor named holds the record, under a ring with these replicas. */
function holding(names: readonly string[], replicas: { current: string[]; pending: string[] | null }) {
  const on = stage(3);
  const ring = { epoch: 1, changing: null, replicasOf: () => replicas };
  for (const { machine, disk, process } of on.actors) {
    machine['ring'] = () => ring;
    if (names.includes(process.nodeId)) disk.set(row, held);
  }
  return { world: on.context.world, actors: on.actors, victim: on.actors[0]! };
}

const settled = { current: ['n1', 'n2', 'n3'], pending: null };

describe('a record may be damaged', () => {
  const may = (names: readonly string[], replicas: { current: string[]; pending: string[] | null }) => {
    const { world, victim } = holding(names, replicas);
    return mayLose(world, victim.process, [row]);
  };

  it('where another replica holds all of it, and nowhere else', () => {
    expect(may(['n1', 'n2'], settled)).toBe(true);
    expect(may(['n1'], settled)).toBe(false);
  });

  it('not where the other copy is about to be dropped, or lies on a node that is no replica', () => {
    expect(may(['n1', 'n2'], { current: ['n2'], pending: ['n1'] })).toBe(false);
    expect(may(['n1', 'n2'], { current: ['n1', 'n3'], pending: null })).toBe(false);
    expect(may(['n1', 'n2'], { current: ['n2'], pending: ['n1', 'n2'] })).toBe(true);
  });

  it('not where operators may leave one copy of it, nor may they while it is damaged', () => {
    const { world, victim } = holding(['n1', 'n2', 'n3'], settled);
    world.aims.push({ kind: 'drain', nodeId: 'n2' as NodeId });
    expect(mayLose(world, victim.process, [row])).toBe(true);
    const second = { kind: 'drain', nodeId: 'n3' as NodeId } as const;
    expect(mayBegin(world, second)).toBe(true);
    victim.corrupt.add(row);
    expect(mayBegin(world, second)).toBe(false);
    expect(mayBegin(world, { kind: 'replicas', replicas: 1 })).toBe(false);
    expect(mayBegin(world, { kind: 'replicas', replicas: 2 })).toBe(true);
    world.aims.push(second);
    expect(mayLose(world, victim.process, [row])).toBe(false);
  });

  it('not while another node has not got back what it lost', () => {
    const { world, actors, victim } = holding(['n1', 'n2', 'n3'], settled);
    actors[2]!.machine['state'] = 'recovering';
    expect(mayLose(world, victim.process, [row])).toBe(false);
  });
});

describe('a directory may be wiped', () => {
  const may = (change: (victim: Actor, other: Actor) => void) => {
    const { world, actors, victim } = holding(['n1', 'n2', 'n3'], settled);
    change(victim, actors[1]!);
    return mayWipe(world, victim.process);
  };

  it('where everything of it lives elsewhere and nothing is going on', () => {
    expect(may(() => undefined)).toBe(true);
  });

  it('not where it owes somebody a write', () => {
    for (const name of [`h/n2/${row}`, `l/1/${row}`, 'm/owed/n2'])
      expect(may(({ disk }) => disk.set(name, new Uint8Array(1)))).toBe(false);
  });

  it('not where a ring is being changed, or not everyone holds the same one', () => {
    const ring = (epoch: number, changing: NodeId | null) => () => ({
      epoch,
      changing,
      replicasOf: () => settled,
    });
    expect(may((_, { machine }) => Object.assign(machine, { ring: ring(2, null) }))).toBe(false);
    expect(may((_, { machine }) => Object.assign(machine, { ring: ring(1, 'n4' as NodeId) }))).toBe(false);
  });
});
