import { describe, expect, test } from 'vitest';
import { Timers } from '../base/timers.ts';
import { StallWatch } from './stall-watch.ts';
import { Suspicion } from './suspicion.ts';
import { nodeId } from './test-names.ts';

const terms = { minMs: 4_000, maxMs: 24_000, wanted: 2, graceMs: 500 };

function suspect(overrides: Partial<typeof terms> = {}) {
  const timers = new Timers();
  const ends: number[] = [];
  const calls: number[] = [];
  const stalls = new StallWatch(timers, 100);
  const suspicion = new Suspicion(
    timers,
    stalls,
    { ...terms, ...overrides },
    nodeId('first'),
    () => calls.push(timers.now),
    () => ends.push(timers.now),
  );
  const goTo = (ms: number) => {
    for (let at = timers.next(); at !== null && at <= ms; at = timers.next()) {
      timers.advance(at);
      timers.runDue();
    }
    timers.advance(ms);
  };
  return { timers, stalls, suspicion, ends, calls, goTo };
}

describe('a suspicion', () => {
  test('lasts its longest time without confirmations', () => {
    const { ends, goTo } = suspect();
    goTo(23_999);
    expect(ends).toEqual([]);
    goTo(24_000);
    expect(ends).toEqual([24_000]);
  });

  test('is confirmed by others, each once, and not by its accuser', () => {
    const { suspicion, ends, goTo } = suspect();
    goTo(1_000);
    expect(suspicion.confirm(nodeId('first'))).toBe(false);
    expect(suspicion.confirm(nodeId('second'))).toBe(true);
    expect(suspicion.confirm(nodeId('second'))).toBe(false);
    expect(suspicion.dueAt).toBe(11_381);
    expect(suspicion.confirm(nodeId('third'))).toBe(true);
    expect(suspicion.confirm(nodeId('fourth'))).toBe(false);
    goTo(4_000);
    expect(ends).toEqual([4_000]);
  });

  test('is open to the word of others until it has enough, and to everybody where nobody could confirm', () => {
    const { suspicion } = suspect();
    expect([nodeId('first'), nodeId('second')].map((by) => suspicion.isOpenTo(by))).toEqual([false, true]);
    suspicion.confirm(nodeId('second'));
    expect([nodeId('second'), nodeId('third')].map((by) => suspicion.isOpenTo(by))).toEqual([false, true]);
    suspicion.confirm(nodeId('third'));
    expect(suspicion.isOpenTo(nodeId('fourth'))).toBe(false);
    expect(suspect({ wanted: 0 }).suspicion.isOpenTo(nodeId('first'))).toBe(true);
  });

  test('ends at once when a confirmation comes after the time it leaves', () => {
    const { suspicion, ends, goTo } = suspect();
    goTo(15_000);
    suspicion.confirm(nodeId('second'));
    goTo(15_000);
    expect(ends).toEqual([15_000]);
  });

  test('lasts its shortest time where nobody could confirm', () => {
    const { ends, goTo } = suspect({ wanted: 0 });
    goTo(60_000);
    expect(ends).toEqual([4_000]);
  });

  test('calls the suspect once more, in time for it to answer', () => {
    const { suspicion, calls, ends, goTo } = suspect();
    goTo(1_000);
    suspicion.confirm(nodeId('second'));
    goTo(10_880);
    expect(calls).toEqual([]);
    goTo(60_000);
    expect(calls).toEqual([10_881]);
    expect(ends).toEqual([11_381]);
  });

  test('lasts only its shortest time, from its beginning, once others have waited to the end', () => {
    const early = suspect();
    early.goTo(1_000);
    early.suspicion.ripen();
    early.goTo(60_000);
    expect([early.calls, early.ends]).toEqual([[3_500], [4_000]]);
    const late = suspect();
    late.goTo(9_000);
    late.suspicion.ripen();
    late.goTo(60_000);
    expect([late.calls, late.ends]).toEqual([[9_000], [9_000]]);
  });

  test('does nothing once cancelled', () => {
    const { timers, suspicion, ends, calls, goTo } = suspect();
    suspicion.cancel();
    goTo(60_000);
    expect([...ends, ...calls]).toEqual([]);
    expect(timers.next()).toBeNull();
  });

  test('that was slept through lasts a little longer, once, and calls the suspect again', () => {
    const { timers, ends, calls, goTo } = suspect({ wanted: 0 });
    timers.advance(40_000);
    timers.runDue();
    expect(ends).toEqual([]);
    expect(calls).toEqual([40_000]);
    goTo(40_499);
    expect(ends).toEqual([]);
    timers.advance(50_000);
    timers.runDue();
    expect(ends).toEqual([50_000]);
  });

  test('that ends on time right after a sleep, which another timer has noticed, lasts a little longer too', () => {
    const { timers, stalls, ends, goTo } = suspect({ wanted: 0 });
    timers.advance(4_000);
    stalls.note(2_500);
    timers.runDue();
    expect(ends).toEqual([]);
    goTo(4_499);
    expect(ends).toEqual([]);
    goTo(4_500);
    expect(ends).toEqual([4_500]);
  });
});
