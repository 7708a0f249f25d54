import { type Operation, open } from './history.ts';
import type { SequentialModel } from './register-model.ts';

/**
 * Tries every order that respects real time. Exponential and obviously right: the referee of the fast checker, for
 * histories of about seven operations.
 */
export function linearizableByBruteForce(operations: readonly Operation[], model: SequentialModel): boolean {
  return place(operations, model, model.initial);
}

function place(left: readonly Operation[], model: SequentialModel, state: number): boolean {
  if (left.every((operation) => operation.returnedAt === open)) return true;
  for (const candidate of left) {
    const others = left.filter((operation) => operation !== candidate);
    if (others.some((other) => other.returnedAt < candidate.calledAt)) continue;
    const next = model.apply(state, candidate);
    if (next >= 0 && place(others, model, next)) return true;
  }
  return false;
}
