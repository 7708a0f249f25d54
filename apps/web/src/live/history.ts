import type { NodeReport } from '@starling/api-types';
import { liveLimits } from './limits.ts';

/** What is kept of each report for the charts; a figure that was not measured is NaN. */
export const metricNames = [
  'readsPerSecond',
  'readP50Ms',
  'readP99Ms',
  'readP999Ms',
  'writesPerSecond',
  'writeP50Ms',
  'writeP99Ms',
  'writeP999Ms',
  'errorsPerSecond',
  'eventLoopDelayP99Ms',
  'cpu',
  'rssBytes',
  'keys',
] as const;

export type Metric = (typeof metricNames)[number];

/** One node's figures by the second, in a ring of `historySeconds` cells per metric. */
interface Track {
  readonly cells: Record<Metric, Float64Array>;
  lastSecond: number;
}

const length = liveLimits.historySeconds;

function figuresOf(report: NodeReport): Record<Metric, number> {
  const { stats, counts } = report;
  const reads = latencies(stats?.reads ?? null);
  const writes = latencies(stats?.writes ?? null);
  return {
    readsPerSecond: stats?.reads?.perSecond ?? Number.NaN,
    readP50Ms: reads.p50Ms,
    readP99Ms: reads.p99Ms,
    readP999Ms: reads.p999Ms,
    writesPerSecond: stats?.writes?.perSecond ?? Number.NaN,
    writeP50Ms: writes.p50Ms,
    writeP99Ms: writes.p99Ms,
    writeP999Ms: writes.p999Ms,
    errorsPerSecond: stats?.errorsPerSecond ?? Number.NaN,
    eventLoopDelayP99Ms: stats?.eventLoopDelayP99Ms ?? Number.NaN,
    cpu: stats?.cpu ?? Number.NaN,
    rssBytes: stats?.rssBytes ?? Number.NaN,
    keys: counts?.keys ?? Number.NaN,
  };
}

/** Where nothing was asked nothing took any time: a latency of zero would be a lie. */
function latencies(stats: NonNullable<NodeReport['stats']>['reads']) {
  return stats === null || stats.perSecond === 0
    ? { p50Ms: Number.NaN, p99Ms: Number.NaN, p999Ms: Number.NaN }
    : stats;
}

/** Bounded history of what the stream brought, by node and second. Only heard figures enter it: a gap stays a gap. */
export class History {
  private readonly tracks = new Map<string, Track>();
  private firstSecond: number | null = null;

  /** The first second of which anything was kept; null while nothing was. */
  get since(): number | null {
    return this.firstSecond;
  }

  nodeIds(): string[] {
    return [...this.tracks.keys()].sort();
  }

  /** Takes a report heard in `second`; a repeated report of the same second replaces the former. */
  record(second: number, report: NodeReport): void {
    this.firstSecond ??= second;
    const track = this.trackOf(report.nodeId);
    const figures = figuresOf(report);
    const from = this.firstCellToFill(track, second);
    for (const metric of metricNames) {
      const cells = track.cells[metric];
      const before = cells[track.lastSecond % length] ?? Number.NaN;
      for (let missed = Math.max(track.lastSecond + 1, second - length + 1); missed < second; missed++) {
        cells[missed % length] = missed >= from ? before : Number.NaN;
      }
      cells[second % length] = figures[metric];
    }
    track.lastSecond = Math.max(track.lastSecond, second);
  }

  /** The figures of the seconds `from` to `to`, both included; null where nothing was heard. */
  read(nodeId: string, metric: Metric, from: number, to: number): (number | null)[] {
    const track = this.tracks.get(nodeId);
    const values: (number | null)[] = [];
    for (let second = from; second <= to; second++) {
      const known = track !== undefined && second <= track.lastSecond && second > track.lastSecond - length;
      const value = known ? (track.cells[metric][second % length] ?? Number.NaN) : Number.NaN;
      values.push(Number.isNaN(value) ? null : value);
    }
    return values;
  }

  private trackOf(nodeId: string): Track {
    const known = this.tracks.get(nodeId);
    if (known !== undefined) return known;
    const cells = Object.fromEntries(
      metricNames.map((metric) => [metric, new Float64Array(length).fill(Number.NaN)]),
    ) as Record<Metric, Float64Array>; // fromEntries forgets the names it was given.
    const track = { cells, lastSecond: Number.NEGATIVE_INFINITY };
    if (this.tracks.size >= liveLimits.historyNodesMax) this.forgetOldest();
    this.tracks.set(nodeId, track);
    return track;
  }

  private forgetOldest(): void {
    let oldest: string | null = null;
    let since = Number.POSITIVE_INFINITY;
    for (const [nodeId, { lastSecond }] of this.tracks) {
      if (lastSecond >= since) continue;
      oldest = nodeId;
      since = lastSecond;
    }
    if (oldest !== null) this.tracks.delete(oldest);
  }

  /** Seconds from here on up to `second` take the figure before them; earlier ones were a silence. */
  private firstCellToFill(track: Track, second: number): number {
    const missed = second - track.lastSecond - 1;
    return missed < liveLimits.bridgedSeconds ? track.lastSecond + 1 : second;
  }
}
