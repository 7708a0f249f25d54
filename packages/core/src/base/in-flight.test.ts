import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.ts';

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('add' as const), step: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('take' as const), back: fc.nat(200) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('leap' as const), step: fc.integer({ min: 1000, max: 9000 }) }),
  },
);

describe('values in flight', () => {
  it('are found, taken and listed as in a map', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 42 }),
        fc.array(action, { maxLength: 400 }),
        (first, actions) => {
          const [flight, model] = [new InFlight<string>(), new Map<number, string>()];
          let newest = first;
          for (const each of actions) {
            if (each.kind === 'take') {
              const number = newest - each.back;
              expect(flight.take(number)).toBe(model.get(number));
              model.delete(number);
              expect(flight.get(number)).toBeUndefined();
            } else {
              newest += each.step;
              flight.add(newest, `value ${newest}`);
              model.set(newest, `value ${newest}`);
            }
            expect(flight.size).toBe(model.size);
          }
          expect(flight.entries()).toEqual([...model]);
          for (const [number, value] of model) expect(flight.get(number)).toBe(value);
        },
      ),
    );
  });

  it('keep their order and none is lost when far more are in flight than have places', () => {
    const flight = new InFlight<number>();
    for (let number = 1; number <= 20_000; number++) flight.add(number, number);
    expect(flight.size).toBe(20_000);
    expect(flight.entries().map(([number]) => number)).toEqual(
      Array.from({ length: 20_000 }, (_, i) => i + 1),
    );
    for (let number = 1; number <= 20_000; number += 2) expect(flight.take(number)).toBe(number);
    expect(flight.take(1)).toBeUndefined();
    expect([flight.size, flight.get(2), flight.get(20_000)]).toEqual([10_000, 2, 20_000]);
  });

  it('have ascending numbers', () => {
    const flight = new InFlight<string>();
    flight.add(7, 'a');
    expect(() => flight.add(7, 'b')).toThrow('numbers ascend');
  });
});
