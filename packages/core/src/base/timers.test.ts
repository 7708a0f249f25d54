import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timers } from './timers.ts';

describe('timers', () => {
  it('run what is due in order of time, then of creation, and never what was cancelled', () => {
    const call = fc.record({ at: fc.nat(50), cancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
        const timers = new Timers();
        const ran: number[] = [];
        const set = calls.map(({ at }, i) => timers.after(at, () => ran.push(i)));
        for (const [i, { cancelled }] of calls.entries()) if (cancelled) set[i]!.cancel();
        timers.advance(25);
        timers.runDue();
        const live = calls.map((each, i) => ({ ...each, i })).filter((each) => !each.cancelled);
        const due = live.filter((each) => each.at <= 25).sort((x, y) => x.at - y.at || x.i - y.i);
        expect(ran).toEqual(due.map((each) => each.i));
        const later = live.filter((each) => each.at > 25).map((each) => each.at);
        expect(timers.next()).toBe(later.length === 0 ? null : Math.min(...later));
      }),
    );
  });

  it('never goes back in time', () => {
    const timers = new Timers();
    timers.advance(10);
    timers.advance(5);
    expect(timers.now).toBe(10);
  });

  it('repeats without making up for periods that were slept through', () => {
    const timers = new Timers();
    let runs = 0;
    timers.every(10, 10, () => runs++);
    timers.advance(100);
    timers.runDue();
    expect(runs).toBe(1);
    expect(timers.next()).toBe(110);
  });

  it('stops repeating when cancelled, even from within', () => {
    const timers = new Timers();
    let runs = 0;
    const timer = timers.every(10, 10, () => {
      if (++runs === 2) timer.cancel();
    });
    for (let at = 10; at <= 100; at += 10) {
      timers.advance(at);
      timers.runDue();
    }
    expect(runs).toBe(2);
  });

  it('hold on to few of the calls that were cancelled', () => {
    const timers = new Timers();
    timers.after(5000, () => undefined);
    for (let i = 0; i < 10_000; i++) timers.after(3000, () => undefined).cancel();
    expect(timers.size).toBeLessThan(200);
    expect(timers.next()).toBe(5000);
  });
});
