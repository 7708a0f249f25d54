import { compareUtf8 } from '@starling/core/base/utf8.ts';
import type { RowWrite } from '@starling/core/node/effect.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimDisk } from './disk.ts';
import { undoBatchesMax } from './disk-log.ts';
import { SortedRows } from './disk-rows.ts';
import { Prng } from './prng.ts';

const one = new Uint8Array([1]);

function opened(seed: number, options = {}): SimDisk {
  const disk = new SimDisk(new Prng(seed), options);
  disk.open();
  return disk;
}

function put(disk: SimDisk, row: string, value = one): boolean {
  disk.write([[row, value]]);
  return disk.sync();
}

describe('rows in order', () => {
  it('are those of a plain map, sorted by UTF-8 bytes, and count their bytes', () => {
    const row = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 });
    const write = fc.tuple(row, fc.option(fc.uint8Array({ maxLength: 4 })));
    fc.assert(
      fc.property(fc.array(write), (writes) => {
        const rows = new SortedRows();
        const model = new Map<string, Uint8Array>();
        for (const [name, value] of writes) {
          expect(rows.set(name, value)).toEqual(model.get(name) ?? null);
          if (value === null) model.delete(name);
          else model.set(name, value);
        }
        expect(rows.keys()).toEqual([...model.keys()].sort(compareUtf8));
        expect(rows.bytes).toBe(
          [...model].reduce((sum, [name, value]) => sum + name.length + value.length, 0),
        );
      }),
    );
  });
});

describe("the simulator's disk", () => {
  it('shows and keeps nothing for certain before its sync', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const disk = opened(seed);
      for (const row of ['d/1', 'd/2', 'd/3']) disk.write([[row, one]]);
      expect(disk.read('d/1')).toBeNull();
      disk.crash(true);
      outcomes.add([...disk.durableRows()].join());
    }
    expect([...outcomes].toSorted()).toEqual(['', 'd/1', 'd/1,d/2', 'd/1,d/2,d/3']);
  });

  it("is poisoned by a failed sync: whether its batches are there is anybody's guess, earlier ones are", () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const disk = opened(seed);
      put(disk, 'd/1');
      disk.setFailing(true);
      expect(put(disk, 'd/2')).toBe(false);
      disk.setFailing(false);
      expect(put(disk, 'd/3')).toBe(false);
      disk.crash(false);
      outcomes.add([...disk.durableRows()].join());
    }
    expect([...outcomes].toSorted()).toEqual(['d/1', 'd/1,d/2', 'd/1,d/2,d/3']);
  });

  it('fails a sync that would exceed its quota, and is low before that', () => {
    const disk = opened(1, { lowWaterBytes: 100, highWaterBytes: 200 });
    disk.setQuota(1000);
    expect(disk.isLow()).toBe(false);
    expect(put(disk, 'd/1', new Uint8Array(850))).toBe(true);
    expect(disk.isLow()).toBe(false);
    expect(put(disk, 'd/2', new Uint8Array(80))).toBe(true);
    expect(disk.isLow()).toBe(true);
    disk.write([['d/2', null]]);
    disk.sync();
    expect(disk.isLow()).toBe(true);
    expect(put(disk, 'd/1', new Uint8Array(10))).toBe(true);
    expect(disk.isLow()).toBe(false);
    expect(put(disk, 'd/3', new Uint8Array(1000))).toBe(false);
  });

  it('does not notice a tail lost after its last watermark, and says that it will not', () => {
    const disk = opened(1, { watermarkBatchesMax: 1000 });
    put(disk, 'd/1');
    put(disk, 'd/2');
    disk.crash(true);
    expect(disk.loseTail(1)).toBe(false);
    const opening = disk.open();
    expect(disk.read('d/2')).toBeNull();
    expect(opening).toMatchObject({ historyIntact: true, cleanShutdown: false });
  });

  it('never looks new again once the machine has stored something', () => {
    const disk = opened(1, { watermarkBatchesMax: 1000 });
    put(disk, 'd/1');
    disk.crash(true);
    expect(disk.loseTail(1)).toBe(true);
    expect(disk.open()).toMatchObject({ fresh: false, historyIntact: false });
  });

  it('loses no more batches than it remembers, and none from before the last start', () => {
    const disk = opened(1);
    put(disk, 'd/0');
    disk.crash(false);
    disk.open();
    for (let i = 1; i <= undoBatchesMax + 5; i++) put(disk, `d/${i}`);
    disk.crash(false);
    disk.loseTail(10 * undoBatchesMax);
    expect([...disk.durableRows()].toSorted()).toEqual(['d/0', 'd/1', 'd/2', 'd/3', 'd/4', 'd/5'].toSorted());
  });

  it('reads nothing, not damaged bytes, where the write of a spoiled row is lost', () => {
    const lost = [(disk: SimDisk) => disk.loseTail(1), (disk: SimDisk) => disk.loseBatchOf('d/2')];
    for (const lose of lost) {
      const disk = opened(1);
      put(disk, 'd/1');
      put(disk, 'd/2');
      if (lose === lost[1]) put(disk, 'd/3');
      disk.corruptRow('d/1');
      disk.corruptRow('d/2');
      disk.crash(false);
      lose(disk);
      disk.open();
      expect([disk.read('d/1'), disk.read('d/2')]).toEqual(['corrupt', null]);
    }
  });

  it('takes a batch out of the middle as if it had never been written', () => {
    const row = fc.constantFrom('d/1', 'd/2', 'd/3');
    const batch = fc.array(fc.tuple(row, fc.option(fc.uint8Array({ maxLength: 2 }))), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 2, maxLength: 6 }), fc.nat(), (batches, seed) => {
        const disk = opened(seed);
        for (const rows of batches) {
          disk.write(rows);
          disk.sync();
        }
        disk.crash(false);
        expect(disk.loseBatch()).toBe(true);
        const without = batches.slice(0, -1).map((_, lost) => replay(batches.filter((_, i) => i !== lost)));
        expect(without).toContainEqual(contents(disk));
        expect(disk.open().historyIntact).toBe(false);
      }),
    );
  });

  it('looks intact when the whole volume was rolled back, even to a clean stop', () => {
    const disk = opened(1);
    put(disk, 'd/1');
    disk.close();
    const snapshot = disk.snapshot();
    disk.open();
    put(disk, 'd/2');
    disk.close();
    disk.restore(snapshot, 'rolledBack');
    expect(disk.open()).toMatchObject({ historyIntact: true, cleanShutdown: true, bootCounter: 2 });
    expect(disk.read('d/2')).toBeNull();
  });

  it('reads as if nothing had happened once it is healed', () => {
    const disk = opened(1);
    put(disk, 'd/1');
    put(disk, 'd/2');
    expect(disk.corruptRow('d/none')).toBe(false);
    const spoiled = disk.corruptAny('d/')!;
    expect(disk.read(spoiled)).toBe('corrupt');
    expect(disk.durable(spoiled)).toBeNull();
    disk.setFailing(true);
    disk.setQuota(0);
    disk.heal();
    expect(disk.read(spoiled)).toEqual(one);
    expect(put(disk, 'd/3')).toBe(true);
  });

  it('does the same again with the same seed', () => {
    const run = () => {
      const disk = opened(7);
      for (let i = 0; i < 20; i++) disk.write([[`d/${i}`, one]]);
      disk.crash(true);
      return [...disk.durableRows()];
    };
    expect(run()).toEqual(run());
  });
});

function replay(batches: readonly (readonly RowWrite[])[]): Record<string, readonly number[]> {
  const rows: Record<string, readonly number[]> = {};
  for (const [row, value] of batches.flat()) {
    if (value === null) delete rows[row];
    else rows[row] = [...value];
  }
  return rows;
}

function contents(disk: SimDisk): Record<string, readonly number[]> {
  return Object.fromEntries([...disk.durableRows()].map((row) => [row, [...disk.durable(row)!]]));
}
