import type { HealthReason, NodeReport } from '@starling/api-types';
import { liveLimits } from '../live/limits.ts';
import { type Condition, conditionOf } from '../nodes/condition.ts';

/** A node as a row: its report and what follows from it. */
export interface NodeRow {
  readonly report: NodeReport;
  readonly condition: Condition;
  /** Its figures are old: nothing was heard of it for a while. */
  readonly stale: boolean;
}

/** Conditions that want attention first. */
const order: readonly Condition[] = [
  'dead',
  'suspect',
  'recovering',
  'unheard',
  'joining',
  'leaving',
  'alive',
  'left',
];

export function rankOf(condition: Condition): number {
  return order.indexOf(condition);
}

/** Whether a report is too old to be called current; `now` is by the observer's clock, null while it is not known. */
export function isStale(report: NodeReport, now: number | null): boolean {
  return report.observedAt === null || (now !== null && now - report.observedAt > liveLimits.fadeMs);
}

export function nodeRows(
  nodes: readonly NodeReport[],
  reasons: readonly HealthReason[],
  now: number | null,
): readonly NodeRow[] {
  return nodes.map((report) => ({
    report,
    condition: conditionOf(report, reasons),
    stale: isStale(report, now),
  }));
}

type Latency = NonNullable<NodeReport['stats']>['reads'];

/** A latency in ms; null where nothing was asked, because then nothing took any time. */
export function latencyOf(stats: Latency | undefined, figure: 'p50Ms' | 'p99Ms' | 'p999Ms'): number | null {
  return stats === null || stats === undefined || stats.perSecond === 0 ? null : stats[figure];
}

/** How many nodes are in each condition, gravest first, without those nobody is in. */
export function conditionCounts(rows: readonly NodeRow[]): readonly (readonly [Condition, number])[] {
  return order
    .map((condition) => [condition, rows.filter((row) => row.condition === condition).length] as const)
    .filter(([, count]) => count > 0);
}

/** Sum of a figure over the nodes that report it freshly; null when none does. */
export function total(
  rows: readonly NodeRow[],
  figure: (report: NodeReport) => number | null | undefined,
): number | null {
  const known = rows
    .filter((row) => !row.stale)
    .map((row) => figure(row.report))
    .filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** The largest of a figure over the nodes that report it freshly; null when none does. */
export function largest(
  rows: readonly NodeRow[],
  figure: (report: NodeReport) => number | null,
): number | null {
  const known = rows.filter((row) => !row.stale).map((row) => figure(row.report));
  return known.reduce((top, value) => (value !== null && (top === null || value > top) ? value : top), null);
}
