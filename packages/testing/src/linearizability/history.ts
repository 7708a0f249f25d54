/**
 * A history: what the clients of one key did and saw, as intervals of one clock. It is the only thing the
 * linearizability checker knows, so the same checker judges the simulator and real processes.
 */

/** What a get observes, and a delete leaves behind, when the key has no value. */
export const absent = 0;

/** `returnedAt` of an operation whose outcome is not known: it may take effect at any later time, or never. */
export const open = Number.POSITIVE_INFINITY;

/** One operation on one register. Times need only be comparable: virtual time, or better, the number of the event. */
export interface Operation {
  /** Unique in the history. */
  readonly id: number;
  /** Who called, for people who read the timeline. */
  readonly process: string;
  readonly kind: 'put' | 'delete' | 'get';
  /** What was written or observed: 1 or more, or `absent`. */
  readonly value: number;
  /** For a conditional write: the value it replaces, at the instant of its effect. */
  readonly expected?: number;
  readonly calledAt: number;
  /** `open` when the outcome is unknown. Operations that provably failed are left out of the history. */
  readonly returnedAt: number;
}

/**
 * Makes a history cheaper to check without changing its verdict (etcd's `patch_history.go` has the idea):
 *
 * - an unknown get says nothing and goes;
 * - an unknown write whose value nobody observed goes: taking it out of any legal order leaves a legal order, because
 *   no get stands between it and the next write;
 * - what a conditional write has replaced was observed by it; if that write's own outcome is unknown, who knows when;
 * - an unknown put that was observed, and whose value only it writes, must have taken effect before the first
 *   observation returned, so it ends there.
 */
export function reduceHistory(operations: readonly Operation[]): Operation[] {
  const observedAt = new Map<number, number>();
  const writers = new Map<number, number>();
  let absentSeenAt = Number.NEGATIVE_INFINITY;
  /** Replaced by a conditional write of unknown outcome. */
  const replaced = new Set<number>();
  for (const operation of operations) {
    const { expected, returnedAt } = operation;
    if (expected === undefined) continue;
    if (expected === absent) absentSeenAt = Math.max(absentSeenAt, returnedAt);
    else if (returnedAt === open) replaced.add(expected);
    else observedAt.set(expected, Math.min(observedAt.get(expected) ?? open, returnedAt));
  }
  for (const operation of operations) {
    if (operation.kind !== 'get') {
      writers.set(operation.value, (writers.get(operation.value) ?? 0) + 1);
    } else if (operation.returnedAt !== open) {
      const first = observedAt.get(operation.value) ?? open;
      observedAt.set(operation.value, Math.min(first, operation.returnedAt));
      if (operation.value === absent) absentSeenAt = Math.max(absentSeenAt, operation.returnedAt);
    }
  }
  const reduced: Operation[] = [];
  for (const operation of operations) {
    if (operation.returnedAt !== open) {
      reduced.push(operation);
    } else if (operation.kind === 'delete') {
      if (absentSeenAt >= operation.calledAt) reduced.push(operation);
    } else if (operation.kind === 'put') {
      const seen = observedAt.get(operation.value);
      if (seen === undefined) {
        if (replaced.has(operation.value)) reduced.push(operation);
        continue;
      }
      const endable = writers.get(operation.value) === 1 && seen >= operation.calledAt;
      reduced.push(endable ? { ...operation, returnedAt: seen } : operation);
    }
  }
  return reduced;
}

/** The history as it stood at `at`: what returned later is unknown, what was called later is gone. */
export function historyUntil(operations: readonly Operation[], at: number): Operation[] {
  const until: Operation[] = [];
  for (const operation of operations) {
    if (operation.calledAt > at) continue;
    until.push(operation.returnedAt > at ? { ...operation, returnedAt: open } : operation);
  }
  return until;
}
