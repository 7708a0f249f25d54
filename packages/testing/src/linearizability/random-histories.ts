/** Random histories for trying the checkers on: some are linearizable by construction, some were spoilt. */
import { below, fraction, type Random } from '@starling/core/base/random.ts';
import { absent, type Operation, open } from './history.ts';

export interface HistoryShape {
  readonly operations: number;
  readonly processes: number;
  /** Distinct values per put, so that a get names its put; otherwise values repeat. */
  readonly uniqueValues: boolean;
  readonly deletes: boolean;
  /** Share of the writes whose outcome stays unknown. */
  readonly unknown: number;
}

/**
 * What an honest register would give: each operation takes effect at one instant inside its interval. Unknown writes
 * may take effect late or never.
 */
export function linearizableHistory(random: Random, shape: HistoryShape): Operation[] {
  const drawn = drawIntervals(random, shape);
  const effects = drawn.filter((each) => each.effectAt !== open).sort((a, b) => a.effectAt - b.effectAt);
  let state = absent;
  const observed = new Map<number, number>();
  for (const { operation } of effects) {
    if (operation.kind === 'get') observed.set(operation.id, state);
    else state = operation.value;
  }
  return drawn.map(({ operation }) =>
    operation.kind === 'get' ? { ...operation, value: observed.get(operation.id) ?? absent } : operation,
  );
}

/** Changes what one get saw, or moves one interval: sometimes a violation, sometimes not. */
export function spoiltHistory(random: Random, shape: HistoryShape): Operation[] {
  const operations = linearizableHistory(random, shape);
  const target = below(random, operations.length);
  const other = operations[below(random, operations.length)]!;
  operations[target] = spoil(random, operations[target]!, other);
  return operations;
}

function spoil(random: Random, operation: Operation, other: Operation): Operation {
  if (operation.kind === 'get') return { ...operation, value: other.value };
  const shift = below(random, 60) - 30;
  return { ...operation, calledAt: operation.calledAt + shift, returnedAt: operation.returnedAt + shift };
}

interface DrawnOperation {
  readonly operation: Operation;
  readonly effectAt: number;
}

function drawIntervals(random: Random, shape: HistoryShape): DrawnOperation[] {
  const freeAt = new Array<number>(shape.processes).fill(0);
  const drawn: DrawnOperation[] = [];
  for (let id = 0; id < shape.operations; id++) {
    const process = below(random, shape.processes);
    const calledAt = freeAt[process]! + below(random, 10);
    const returnedAt = calledAt + 1 + below(random, 20);
    freeAt[process] = returnedAt + 1;
    const kind = drawKind(random, shape);
    const value = kind === 'put' ? (shape.uniqueValues ? id + 1 : 1 + below(random, 3)) : absent;
    const unknown = fraction(random) < shape.unknown;
    const effectAt = unknown
      ? drawLateEffect(random, calledAt)
      : calledAt + fraction(random) * (returnedAt - calledAt);
    const operation: Operation = {
      id,
      process: `c${process}`,
      kind,
      value,
      calledAt,
      returnedAt: unknown ? open : returnedAt,
    };
    drawn.push({ operation, effectAt });
  }
  return drawn;
}

function drawKind(random: Random, shape: HistoryShape): Operation['kind'] {
  const draw = fraction(random);
  if (draw < 0.5) return 'get';
  return shape.deletes && draw > 0.9 ? 'delete' : 'put';
}

function drawLateEffect(random: Random, calledAt: number): number {
  return below(random, 3) === 0 ? open : calledAt + fraction(random) * 80;
}
