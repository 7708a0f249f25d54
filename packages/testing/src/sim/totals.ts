/** What many lifetimes came to together: plain numbers, which travel between threads. */
import type { MarkerName } from '../checkers/markers.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { LifetimeReport } from './lifetime.ts';
import type { LifetimeOptions } from './options.ts';

export interface SwarmTotals {
  lifetimes: number;
  events: number;
  virtualMs: number;
  acknowledged: number;
  failed: number;
  unknown: number;
  reads: number;
  rerun: number;
  /** Lifetimes in which each kind of fault struck. */
  readonly faults: Partial<Record<FaultKind, number>>;
  /** Lifetimes that came through each situation. */
  readonly markers: Partial<Record<MarkerName, number>>;
  readonly failures: Failure[];
}

export interface Failure {
  readonly options: LifetimeOptions;
  readonly report: LifetimeReport;
}

export function emptyTotals(): SwarmTotals {
  return {
    lifetimes: 0,
    events: 0,
    virtualMs: 0,
    acknowledged: 0,
    failed: 0,
    unknown: 0,
    reads: 0,
    rerun: 0,
    faults: {},
    markers: {},
    failures: [],
  };
}

export function addTotals(into: SwarmTotals, more: SwarmTotals): void {
  for (const name of [
    'lifetimes',
    'events',
    'virtualMs',
    'acknowledged',
    'failed',
    'unknown',
    'reads',
    'rerun',
  ] as const) {
    into[name] += more[name];
  }
  addCounts(into.faults, more.faults);
  addCounts(into.markers, more.markers);
  into.failures.push(...more.failures);
}

function addCounts<Name extends string>(
  into: Partial<Record<Name, number>>,
  more: Partial<Record<Name, number>>,
): void {
  for (const name of Object.keys(more) as Name[]) into[name] = (into[name] ?? 0) + (more[name] ?? 0);
}
