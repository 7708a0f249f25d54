import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { actorRow, counterLeaseDots, decodeMinterState, Minter } from './minter.ts';

const nodeId = 'n1' as NodeId;

function boot(rows: MemoryRows, bootCounter: number, trusted: boolean, seed = bootCounter) {
  const random = { uint32: () => Math.imul(seed, 2_654_435_761) >>> 0 };
  const state = decodeMinterState(rows.rows.get(actorRow));
  return new Minter(rows.log, random, { nodeId, bootCounter, trusted, state });
}

describe('the minter', () => {
  it('issues nothing before its lease is on disk', () => {
    const rows = new MemoryRows();
    const minter = boot(rows, 1, false);
    expect(minter.mint()).toBeNull();
    rows.sync();
    expect(minter.mint()).toEqual({ actor: minter.actor, counter: 1 });
  });

  it('goes on counting after a clean stop', () => {
    const rows = new MemoryRows();
    const first = boot(rows, 1, false);
    rows.sync();
    for (let i = 0; i < 5; i++) first.mint();
    first.stageFinal();
    expect(first.mint()).toBeNull();
    rows.sync();
    const second = boot(rows, 2, true);
    rows.sync();
    expect(second.mint()).toEqual({ actor: first.actor, counter: 6 });
  });

  it('is somebody else after any other stop, even where boot counters repeat', () => {
    const rows = new MemoryRows();
    const first = boot(rows, 1, false);
    rows.sync();
    const second = boot(rows, 2, false);
    const restored = boot(rows, 2, false, 99);
    expect(new Set([first.actor, second.actor, restored.actor]).size).toBe(3);
  });

  it('renews the lease before it runs out, and stops at its end if the disk does not answer', () => {
    const rows = new MemoryRows();
    const minter = boot(rows, 1, false);
    rows.sync();
    let issued = 0;
    while (minter.mint() !== null) issued++;
    expect(issued).toBe(counterLeaseDots);
    rows.sync();
    expect(minter.mint()?.counter).toBe(counterLeaseDots + 1);
  });

  it('mints as a new actor after its epoch was raised', () => {
    const rows = new MemoryRows();
    let calls = 0;
    const random = { uint32: () => calls++ };
    const minter = new Minter(rows.log, random, { nodeId, bootCounter: 1, trusted: false, state: null });
    rows.sync();
    const before = minter.mint();
    minter.raiseEpoch();
    expect(minter.mint()).toBeNull();
    rows.sync();
    expect(minter.mint()?.actor).not.toBe(before?.actor);
  });
});
