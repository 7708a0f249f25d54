import { describe, expect, it } from 'vitest';
import { Prng } from '../sim/prng.ts';
import { linearizableByBruteForce } from './brute-force.ts';
import { checkRegisters } from './check-keys.ts';
import { absent, type Operation, open, reduceHistory } from './history.ts';
import { minimalViolation } from './minimise.ts';
import { type HistoryShape, linearizableHistory, spoiltHistory } from './random-histories.ts';
import { registerModel } from './register-model.ts';
import { timelineHtml, timelineText } from './timeline.ts';
import { checkLinearizable } from './wgl.ts';
import { linearizableByZones } from './zones.ts';

/** 1 000 000 before a change to the checker is trusted. */
const { STARLING_DIFFERENTIAL_RUNS = '200000' } = process.env;
const differentialRuns = Number(STARLING_DIFFERENTIAL_RUNS);

const put = (id: number, value: number, calledAt: number, returnedAt: number): Operation => ({
  id,
  process: `c${id}`,
  kind: 'put',
  value,
  calledAt,
  returnedAt,
});
const get = (id: number, value: number, calledAt: number, returnedAt: number): Operation => ({
  ...put(id, value, calledAt, returnedAt),
  kind: 'get',
});
const remove = (id: number, calledAt: number, returnedAt: number): Operation => ({
  ...put(id, absent, calledAt, returnedAt),
  kind: 'delete',
});
const verdict = (operations: readonly Operation[]) =>
  checkLinearizable(reduceHistory(operations), registerModel).kind;

describe('the checker on small histories', () => {
  it('accepts a get that overlaps a put, before or after it', () => {
    expect(verdict([put(1, 1, 0, 10), get(2, absent, 1, 5), get(3, 1, 6, 9)])).toBe('linearizable');
  });

  it('refuses a stale get', () => {
    expect(verdict([put(1, 1, 0, 1), put(2, 2, 2, 3), get(3, 1, 4, 5)])).toBe('violation');
  });

  it('refuses a value that goes back after it was seen', () => {
    expect(verdict([put(1, 1, 0, 1), put(2, 2, 2, 20), get(3, 2, 3, 4), get(4, 1, 5, 6)])).toBe('violation');
  });

  it('refuses a value nobody wrote, and one read before its put was called', () => {
    expect(verdict([get(1, 7, 0, 1)])).toBe('violation');
    expect(verdict([get(1, 7, 0, 1), put(2, 7, 2, 3)])).toBe('violation');
  });

  it('lets an unknown put take effect late, early or never', () => {
    expect(verdict([put(1, 1, 0, open), get(2, absent, 5, 6)])).toBe('linearizable');
    expect(verdict([put(1, 1, 0, open), get(2, absent, 5, 6), get(3, 1, 7, 8)])).toBe('linearizable');
    expect(verdict([put(1, 1, 0, open), get(2, 1, 5, 6), get(3, absent, 7, 8)])).toBe('violation');
  });

  it('lets an unknown delete explain an absence, once', () => {
    const lateDelete = [put(1, 1, 0, 1), remove(2, 2, open), get(3, 1, 4, 5), get(4, absent, 6, 7)];
    expect(verdict(lateDelete)).toBe('linearizable');
    expect(verdict([...lateDelete, put(5, 2, 8, 9), get(6, absent, 10, 11)])).toBe('violation');
  });

  it('lets each unknown attempt of one value take effect by itself', () => {
    const twice = [put(1, 1, 0, open), put(2, 1, 5, 6), put(3, 2, 7, 8), get(4, 1, 9, 10)];
    expect(verdict(twice)).toBe('linearizable');
    expect(verdict(twice.slice(1))).toBe('violation');
  });

  it('counts touching intervals as overlapping', () => {
    expect(verdict([put(1, 1, 0, 5), get(2, absent, 5, 6)])).toBe('linearizable');
    expect(verdict([put(1, 1, 0, 5), get(2, absent, 6, 7)])).toBe('violation');
  });

  it('tries unknown deletes, which nothing tells apart, in one order only', () => {
    const deletes = Array.from({ length: 24 }, (_, index) => remove(index, 0, open));
    const puts = Array.from({ length: 24 }, (_, index) => [
      put(100 + 2 * index, index + 1, 10 * index + 1, 10 * index + 8),
      get(101 + 2 * index, absent, 10 * index + 2, 10 * index + 9),
    ]).flat();
    const history = [...deletes, ...puts, get(200, 99, 300, 301)];
    const { kind, steps } = checkLinearizable(history, registerModel, 1_000_000);
    expect(kind).toBe('violation');
    expect(steps).toBeLessThan(100_000);
  });

  it('gives up at its limit instead of passing', () => {
    expect(checkLinearizable([put(1, 1, 0, 9), put(2, 2, 0, 9)], registerModel, 0).kind).toBe('undecided');
  });
});

describe('the checker against its referees', () => {
  it(`agrees with brute force on ${differentialRuns} random histories of up to 7 operations`, () => {
    const random = new Prng(0x5eed);
    let violations = 0;
    for (let run = 0; run < differentialRuns; run++) {
      const shape: HistoryShape = {
        operations: 1 + random.below(7),
        processes: 1 + random.below(4),
        uniqueValues: random.chance(0.5),
        deletes: random.chance(0.5),
        unknown: random.chance(0.5) ? 0.3 : 0,
      };
      const honest = random.chance(0.3);
      const history = honest ? linearizableHistory(random, shape) : spoiltHistory(random, shape);
      const expected = linearizableByBruteForce(history, registerModel);
      if (honest && !expected) throw new Error(`run ${run}: the generator made a bad history`);
      if (!expected) violations++;
      const fast = checkLinearizable(reduceHistory(history), registerModel).kind === 'linearizable';
      if (fast !== expected) throw new Error(`run ${run}: ${JSON.stringify(history)}`);
    }
    expect(violations).toBeGreaterThan(differentialRuns / 20);
  }, 600_000);

  it('agrees with the zone criterion on 1 000 histories of 300 operations', () => {
    const random = new Prng(0x20e5);
    const shape = { operations: 300, processes: 8, uniqueValues: true, deletes: false, unknown: 0 };
    let violations = 0;
    for (let run = 0; run < 1000; run++) {
      const history = random.chance(0.5) ? linearizableHistory(random, shape) : spoiltHistory(random, shape);
      const fast = checkLinearizable(reduceHistory(history), registerModel).kind;
      const expected = linearizableByZones(history) ? 'linearizable' : 'violation';
      if (expected === 'violation') violations++;
      if (fast !== expected) throw new Error(`run ${run}: ${fast}, by zones ${expected}`);
    }
    expect(violations).toBeGreaterThan(100);
  });

  it('decides long histories with unknown outcomes and deletes within its limit', () => {
    const random = new Prng(0x1009);
    const shape = { operations: 300, processes: 10, uniqueValues: true, deletes: true, unknown: 0.05 };
    for (let run = 0; run < 100; run++) {
      const good = checkLinearizable(reduceHistory(linearizableHistory(random, shape)), registerModel);
      expect(good.kind).toBe('linearizable');
      const spoilt = checkLinearizable(reduceHistory(spoiltHistory(random, shape)), registerModel);
      expect(spoilt.kind).not.toBe('undecided');
    }
  });

  it('explains a linearizable history by an order that replays', () => {
    const random = new Prng(0x0bde);
    const shape = { operations: 40, processes: 5, uniqueValues: true, deletes: true, unknown: 0.1 };
    for (let run = 0; run < 200; run++) {
      const history = reduceHistory(linearizableHistory(random, shape));
      const result = checkLinearizable(history, registerModel);
      if (result.kind !== 'linearizable') throw new Error(`run ${run}: ${result.kind}`);
      const byId = new Map(history.map((operation) => [operation.id, operation]));
      let state = registerModel.initial;
      for (const id of result.order) state = registerModel.apply(state, byId.get(id)!);
      expect(state).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('what a person gets to see', () => {
  const noise = Array.from({ length: 40 }, (_, index) =>
    put(100 + index, 100 + index, index * 10, index * 10 + 5),
  );
  const bad = [put(1, 1, 500, 501), put(2, 2, 502, 503), get(3, 1, 504, 505)];

  it('a window cut down to the operations that contradict each other', () => {
    const window = minimalViolation([...noise, ...bad]);
    expect(window.map((operation) => operation.id)).toEqual([1, 2, 3]);
  });

  it('every minimal window still violates, and losing any get of it would hide that', () => {
    const random = new Prng(0x3117);
    const shape = { operations: 60, processes: 5, uniqueValues: true, deletes: true, unknown: 0.05 };
    let seen = 0;
    while (seen < 50) {
      const history = spoiltHistory(random, shape);
      if (verdict(history) !== 'violation') continue;
      seen++;
      const window = minimalViolation(history);
      expect(verdict(window)).toBe('violation');
      for (const get of window.filter((operation) => operation.kind === 'get')) {
        expect(verdict(window.filter((operation) => operation !== get))).toBe('linearizable');
      }
    }
  });

  it('findings per key, naming the operation that fits nowhere', () => {
    const findings = checkRegisters(
      new Map([
        ['good', noise],
        ['bad', [...noise, ...bad]],
      ]),
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ key: 'bad', kind: 'violation', stuck: 3 });
  });

  it('a timeline in text and in HTML', () => {
    const text = timelineText(bad, 3);
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toMatch(/c3 +#3 get 1 .*fits nowhere/);
    const html = timelineHtml('key <a>', [...bad, put(4, 4, 506, open)], 3);
    expect(html).toContain('key &#60;a&#62;');
    expect(html.match(/<rect /g)).toHaveLength(4);
    expect(html).toContain('class="stuck"');
    expect(html).toContain('class="unknown"');
  });
});
