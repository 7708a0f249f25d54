import { absent, type Operation } from './history.ts';

interface Zone {
  /** First return and last call among a value's put and gets, with calls and returns never at equal times. */
  first: number;
  last: number;
}

/**
 * Decides linearizability of a register by zones (Gibbons and Korach, "Testing shared memories", SIAM J. Comput.
 * 1997): an entirely different argument from the tree search, and O(n²) here, so it referees long histories. Only for
 * completed puts of unique values and gets; no deletes.
 */
export function linearizableByZones(operations: readonly Operation[]): boolean {
  const zones = new Map<number, Zone>([
    [absent, { first: Number.NEGATIVE_INFINITY, last: Number.NEGATIVE_INFINITY }],
  ]);
  const puts = operations.filter((operation) => operation.kind === 'put');
  for (const put of puts) zones.set(put.value, { first: 2 * put.returnedAt + 1, last: 2 * put.calledAt });
  const calledAt = new Map(puts.map((put) => [put.value, put.calledAt]));
  for (const get of operations) {
    if (get.kind !== 'get') continue;
    const zone = zones.get(get.value);
    if (zone === undefined || get.returnedAt < (calledAt.get(get.value) ?? get.returnedAt)) return false;
    zone.first = Math.min(zone.first, 2 * get.returnedAt + 1);
    zone.last = Math.max(zone.last, 2 * get.calledAt);
  }
  return !conflict([...zones.values()]);
}

/** Two values each needed throughout overlapping spans, or one whose whole life lies inside another's needed span. */
function conflict(zones: readonly Zone[]): boolean {
  const forward = zones.filter((zone) => zone.first < zone.last);
  const backward = zones.filter((zone) => zone.first >= zone.last);
  return forward.some(
    (span, index) =>
      forward.some((other, at) => at > index && span.first < other.last && other.first < span.last) ||
      backward.some((other) => span.first < other.last && other.first < span.last),
  );
}
