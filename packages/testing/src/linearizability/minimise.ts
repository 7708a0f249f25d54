/**
 * The smallest part of a violating history that still violates: what a person reads. Two cuts, both of which can only
 * turn a violation into a pass, never the reverse: the history is ended at the first return that cannot be explained,
 * and then a value's puts and gets are removed together (no other get stands between them, so what is left of a legal
 * order stays legal), and single gets.
 */
import { absent, historyUntil, type Operation, open, reduceHistory } from './history.ts';
import { registerModel } from './register-model.ts';
import { checkLinearizable } from './wgl.ts';

/** A sub-history of `operations` (one key, known to violate) that is itself a violation. Oldest call first. */
export function minimalViolation(operations: readonly Operation[], stepsMax?: number): Operation[] {
  const violates = (candidate: readonly Operation[]) =>
    checkLinearizable(reduceHistory(candidate), registerModel, stepsMax).kind === 'violation';
  let window = firstViolatingPrefix(operations, violates);
  for (const group of removableGroups(window)) {
    const smaller = window.filter((operation) => !group.has(operation.id));
    if (violates(smaller)) window = smaller;
  }
  return window.sort((a, b) => a.calledAt - b.calledAt || a.id - b.id);
}

/** Binary search over the returns: a prefix of a linearizable history is linearizable. */
function firstViolatingPrefix(
  operations: readonly Operation[],
  violates: (candidate: readonly Operation[]) => boolean,
): Operation[] {
  const returns = operations.map((operation) => operation.returnedAt).filter((at) => at !== open);
  returns.sort((a, b) => a - b);
  let low = 0;
  let high = returns.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (violates(historyUntil(operations, returns[middle]!))) high = middle;
    else low = middle + 1;
  }
  return historyUntil(operations, returns[low] ?? open);
}

/** Whole values first, then single gets; deletes only where nothing observed an absence. */
function removableGroups(operations: readonly Operation[]): Set<number>[] {
  const byValue = new Map<number, Set<number>>();
  const singles: Set<number>[] = [];
  const absenceSeen = operations.some(
    ({ kind, value, expected }) => (kind === 'get' && value === absent) || expected === absent,
  );
  /** What a conditional write observed must stay as long as that write does: neither is taken out. */
  const tied = new Set<number>();
  for (const { value, expected } of operations) if (expected !== undefined) tied.add(value).add(expected);
  for (const operation of operations) {
    if (operation.kind === 'get') singles.push(new Set([operation.id]));
    if (operation.kind !== 'get' && tied.has(operation.value)) continue;
    if (operation.value === absent && (operation.kind === 'get' || absenceSeen)) continue;
    const group = byValue.get(operation.value) ?? new Set();
    byValue.set(operation.value, group.add(operation.id));
  }
  return [...byValue.values(), ...singles];
}
