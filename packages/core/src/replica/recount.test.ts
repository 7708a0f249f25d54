import { describe, expect, it } from 'vitest';
import { limits } from '../base/limits.ts';
import { beforeRecords, behindRecords, Recount } from './recount.ts';

describe('a recount', () => {
  it('follows a row once it has been taken up, and none beyond the place reached', () => {
    const recount = new Recount(9);
    expect(recount.reached).toBe(beforeRecords);
    recount.expectPage();
    expect(recount.page(['d/1', 'd/2'], 'd/2')).toEqual(['d/1', 'd/2']);
    expect(recount.reached).toBe('d/2');
    expect(['d/0', 'd/1', 'd/2', 'd/3'].map((row) => recount.follows(row))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([recount.takeUp('d/1'), recount.takeUp('d/1')]).toEqual([true, false]);
    expect([recount.follows('d/1'), recount.follows('d/2')]).toEqual([true, false]);
  });

  it('takes up what was made while a page was on its way, where the page should have shown it', () => {
    const recount = new Recount(9);
    recount.expectPage();
    recount.made('d/1');
    recount.made('d/3');
    expect(recount.page(['d/2'], 'd/2')).toEqual(['d/2', 'd/1']);
    for (const row of ['d/1', 'd/2']) recount.takeUp(row);
    // The next page is asked for when d/3 is on its way to the disk, and waits for it.
    recount.expectPage();
    expect(recount.page(['d/3'], behindRecords)).toEqual(['d/3']);
  });

  it('needs not remember what is made where it has been', () => {
    const recount = new Recount(0);
    recount.expectPage();
    recount.page([], 'd/2');
    recount.expectPage();
    recount.made('d/1');
    expect(recount.page([], behindRecords)).toEqual([]);
  });

  it('has the page asked for again when more is made than it remembers (limits.recountMadeMax)', () => {
    const recount = new Recount(limits.recountMadeMax);
    const make = (count: number) => {
      recount.expectPage();
      for (let i = 0; i < count; i++) recount.made(`d/${i}`);
    };
    make(limits.recountMadeMax);
    make(limits.recountMadeMax + 1);
    expect(recount.page([], behindRecords)).toBeNull();
    expect(recount.reached).toBe(beforeRecords);
    make(limits.recountMadeMax);
    expect(recount.page([], behindRecords)).toHaveLength(limits.recountMadeMax);
  });
});
