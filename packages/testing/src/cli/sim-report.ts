/** What a run of the simulator tells people. */
import { type MarkerName, markerNames } from '../checkers/markers.ts';
import { faultKinds } from '../sim/fault-kinds.ts';
import type { LifetimeOptions } from '../sim/options.ts';
import type { Failure, SwarmTotals } from '../sim/totals.ts';
import { describeEvent } from '../sim/trace.ts';
import { invariantIds } from '../sim/violation.ts';

/** Lifetimes from which on every marker must have been reached (I34). */
export const markersFromLifetimes = 1000;
/** Share of the lifetimes in which each marker must be reached. */
const markerShareMin = 0.01;
const tailEvents = 40;

export function optionsText(options: LifetimeOptions): string {
  return `${JSON.stringify(options, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value))}\n`;
}

export function failureText({ options, report }: Failure): string {
  const { violation, tail, names, phase, seed } = report;
  const events = tail.slice(-tailEvents).map((event) => describeEvent(event, names));
  return [
    '',
    `seed ${seed}: ${violation?.invariant} broken in phase ${phase}`,
    `  ${violation?.message}`,
    violation?.exhibit ?? '',
    `options ${optionsText(options).trim()}`,
    'the last events:',
    ...events,
    `replay: pnpm sim --seed ${seed} --trace`,
    '',
  ].join('\n');
}

export function totalsText(totals: SwarmTotals, ms: number, workers: number): string {
  const { lifetimes, events, virtualMs, acknowledged, failed, unknown, reads, rerun, failures } = totals;
  const perMinute = (lifetimes / ms) * 60_000;
  return [
    `${lifetimes} lifetimes in ${(ms / 1000).toFixed(1)} s: ${Math.round(perMinute)}/min, ${Math.round(perMinute / workers)}/min per thread`,
    `${events} events, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours (${Math.round(virtualMs / ms)} times real time)`,
    `writes: ${acknowledged} acknowledged, ${failed} failed, ${unknown} unknown; reads: ${reads}; ${rerun} lifetimes run twice`,
    '',
    'lifetimes struck, by fault:',
    ...faultKinds.map((kind) => shareLine(kind, totals.faults[kind] ?? 0, lifetimes)),
    '',
    'lifetimes that came through:',
    ...markerNames.map((name) => shareLine(name, totals.markers[name] ?? 0, lifetimes)),
    '',
    `invariants checked: ${invariantIds.filter((id) => id !== 'assert').join(' ')}`,
    ...unreachedMarkers(totals).map((name) => `I34: "${name}" came up in less than 1 % of the lifetimes`),
    `${failures.length} failed`,
    '',
  ].join('\n');
}

/** Markers that a long enough run has not reached often enough. */
export function unreachedMarkers({ lifetimes, markers }: SwarmTotals): MarkerName[] {
  if (lifetimes < markersFromLifetimes) return [];
  return markerNames.filter((name) => (markers[name] ?? 0) < lifetimes * markerShareMin);
}

function shareLine(name: string, count: number, of: number): string {
  return `  ${name.padEnd(38)} ${String(count).padStart(8)}  ${((100 * count) / Math.max(1, of)).toFixed(1).padStart(5)} %`;
}
