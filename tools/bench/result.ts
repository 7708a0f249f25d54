import type { Histogram } from 'hdr-histogram-js';
import { bytesText, type Cell } from './cell.ts';
import type { Measured } from './load-loop.ts';
import type { ProcessUsage } from './process-usage.ts';

export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** One line of the table, and one object of the JSON file. */
export interface CellResult {
  readonly target: 'starling' | 'node:http';
  readonly cell: Cell;
  readonly perSecond: number;
  /** Throughput as a part of the yardstick's at the same connections; null for the yardstick itself. */
  readonly ofYardstick: number | null;
  readonly reads: Latency | null;
  readonly writes: Latency | null;
  /** Answers other than 200 by status; 0 stands for a broken connection. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of each node: cores used on average while measuring, and memory at the end. Null where /proc is missing. */
  readonly nodes: readonly ({ readonly cpuCores: number; readonly rssBytes: number } | null)[];
  /**
   * Longest time that an idle process of the same machine waited for its turn meanwhile, in ms: what no program on it could
   * have answered faster than. A latency near it tells more of the machine than of what was measured.
   */
  readonly stallMs: number;
}

export function resultOf(
  cell: Cell,
  measured: Measured,
  context: {
    readonly target: CellResult['target'];
    readonly yardstickPerSecond: number | null;
    readonly before: readonly (ProcessUsage | null)[];
    readonly after: readonly (ProcessUsage | null)[];
    readonly wallSeconds: number;
    readonly stallMs: number;
  },
): CellResult {
  const succeeded = measured.reads.totalCount + measured.writes.totalCount;
  const perSecond = (succeeded * 1000) / measured.elapsedMs;
  return {
    target: context.target,
    cell,
    perSecond,
    ofYardstick: context.yardstickPerSecond === null ? null : perSecond / context.yardstickPerSecond,
    reads: latencyOf(measured.reads),
    writes: latencyOf(measured.writes),
    errors: measured.errors,
    nodes: context.after.map((after, i) =>
      usageBetween(context.before[i] ?? null, after, context.wallSeconds),
    ),
    stallMs: context.stallMs,
  };
}

function usageBetween(before: ProcessUsage | null, after: ProcessUsage | null, seconds: number) {
  if (before === null || after === null) return null;
  return { cpuCores: (after.cpuSeconds - before.cpuSeconds) / seconds, rssBytes: after.rssBytes };
}

function latencyOf(histogram: Histogram): Latency | null {
  if (histogram.totalCount === 0) return null;
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return {
    count: histogram.totalCount,
    p50Ms: at(50),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: histogram.maxValue / 1000,
  };
}

const columns = [
  { title: 'cell', width: 30 },
  { title: 'conn', width: 5 },
  { title: 'offered/s', width: 10 },
  { title: 'ok/s', width: 8 },
  { title: 'of http', width: 8 },
  { title: 'read p50/p99/p99.9 ms', width: 24 },
  { title: 'write p50/p99/p99.9 ms', width: 24 },
  { title: 'errors', width: 8 },
  { title: 'cores per node', width: 18 },
  { title: 'MB per node', width: 14 },
  { title: 'stall ms', width: 8 },
] as const;

export function tableHead(): string {
  return columns.map(({ title, width }) => title.padEnd(width)).join(' ');
}

export function tableRow(result: CellResult): string {
  const { cell, target } = result;
  const name = `${target === 'starling' ? '' : `${target} `}${cell.workload} ${cell.distribution} ${bytesText(cell.valueBytes)}`;
  const cells = [
    name,
    String(cell.connections),
    cell.ratePerSecond === null ? 'closed' : String(Math.round(cell.ratePerSecond)),
    String(Math.round(result.perSecond)),
    result.ofYardstick === null ? '-' : result.ofYardstick.toFixed(2),
    latencyText(result.reads),
    latencyText(result.writes),
    String(Object.values(result.errors).reduce((a, b) => a + b, 0)),
    result.nodes.map((node) => (node === null ? '?' : node.cpuCores.toFixed(2))).join(' '),
    result.nodes.map((node) => (node === null ? '?' : String(Math.round(node.rssBytes / 1e6)))).join(' '),
    result.stallMs.toPrecision(3),
  ];
  return cells
    .map((text, i) => text.padEnd(columns[i]!.width))
    .join(' ')
    .trimEnd();
}

function latencyText(latency: Latency | null): string {
  if (latency === null) return '-';
  return [latency.p50Ms, latency.p99Ms, latency.p999Ms].map((ms) => ms.toPrecision(3)).join(' / ');
}
