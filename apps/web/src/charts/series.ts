import type { Quantity } from '../format/quantity.ts';

/** One line of a chart. */
export interface Series {
  readonly id: string;
  readonly label: string;
  /** A CSS colour. */
  readonly colour: string;
  /** 0 to 1: percentiles of one thing share a hue at several strengths. */
  readonly strength?: number;
  /** Null is a gap. */
  readonly values: readonly (number | null)[];
}

/** Something that happened, as a mark on the time axis. */
export interface Mark {
  /** Seconds since 1970. */
  readonly at: number;
  readonly label: string;
  readonly severity: 'info' | 'warning' | 'critical';
}

export interface ChartData {
  /** Seconds since 1970, one per cell of every series. */
  readonly seconds: readonly number[];
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
}

export type Format = (value: number | null) => Quantity;

/** The last known value of a series within its last `within` cells; null when it has been silent for longer. */
export function lastValue(values: readonly (number | null)[], within = 5): number | null {
  for (let back = 1; back <= Math.min(within, values.length); back++) {
    const value = values.at(-back) ?? null;
    if (value !== null) return value;
  }
  return null;
}

/** Cell by cell, what `fold` makes of the values that are known; null where none is. */
export function foldSeries(
  columns: readonly (readonly (number | null)[])[],
  fold: (known: readonly number[]) => number,
): (number | null)[] {
  const length = columns[0]?.length ?? 0;
  return Array.from({ length }, (_, at) => {
    const known = columns.map((column) => column[at] ?? null).filter((value) => value !== null);
    return known.length === 0 ? null : fold(known);
  });
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
export const most = (values: readonly number[]) => values.reduce((top, value) => Math.max(top, value), 0);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Moves labels down just far enough that no two are nearer than `least`, keeping their order. */
export function spreadLabels(tops: readonly number[], least: number, bottom: number): readonly number[] {
  const order = tops.map((_, at) => at).sort((one, other) => (tops[one] ?? 0) - (tops[other] ?? 0));
  const placed = [...tops];
  let free = Number.NEGATIVE_INFINITY;
  for (const at of order) {
    placed[at] = Math.max(tops[at] ?? 0, free);
    free = placed[at] + least;
  }
  let ceiling = bottom;
  for (const at of [...order].reverse()) {
    placed[at] = Math.min(placed[at] ?? 0, ceiling);
    ceiling = placed[at] - least;
  }
  return placed;
}

/** As a label of an axis: without the zeros that only say how exact a figure is. */
export function axisText({ figure, unit }: Quantity): string {
  const short = figure.replace(/\.0+$/, '').replace(/(\.\d*?)0+$/, '$1');
  return short === '0' ? '0' : `${short}${unit === '' ? '' : `\u202f${unit}`}`;
}

/**
 * The next round number at or above `value` in steps of 1, 2, 4, 5 and 10, whose half is round too: where an axis from
 * zero ends. Bytes are round in powers of two.
 */
export function roundUp(value: number, base: 2 | 10 = 10): number {
  if (value <= 0) return 1;
  if (base === 2) return 2 ** Math.ceil(Math.log2(value) - 1e-9);
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}
