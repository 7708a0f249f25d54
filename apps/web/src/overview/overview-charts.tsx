'use client';

import { useMemo } from 'react';
import { LiveChart } from '../charts/live-chart.tsx';
import {
  type ChartData,
  type Format,
  foldSeries,
  lastValue,
  median,
  most,
  type Series,
  sum,
} from '../charts/series.ts';
import { type HistoryWindow, useHistoryWindow } from '../charts/use-window.ts';
import { formatBytes, formatMillis, formatRate, formatShare } from '../format/quantity.ts';
import { formatClock } from '../format/time.ts';
import { useUrlState } from '../frame/use-url-state.ts';
import type { Metric } from '../live/history.ts';
import { useNodeColour } from '../nodes/node-name.tsx';
import { byName } from '../ring/ring-scene.ts';
import { Panel } from '../ui/panel.tsx';
import { Segmented } from '../ui/segmented.tsx';

const ranges = [
  { value: '120', label: '2 min' },
  { value: '300', label: '5 min' },
  { value: '900', label: '15 min' },
] as const;

/** With more nodes than this a line each would be a thicket: the worst and the median tell more. */
const linesMax = 8;

/** The last minutes, from what this tab has heard since it was opened. */
export function OverviewCharts() {
  const [search, change] = useUrlState();
  const range = ranges.find(({ value }) => value === search.get('range'))?.value ?? '300';
  const history = useHistoryWindow(Number(range));
  return (
    <Panel
      title="Last minutes"
      headingId="last-minutes"
      aside={
        <>
          {history.since === null || history.since <= (history.seconds[0] ?? 0) ? null : (
            <span className="num hidden sm:inline">
              heard by this tab since {formatClock(history.since * 1000)}
            </span>
          )}
          <Segmented
            label="Time shown"
            value={range}
            options={ranges}
            onChange={(value) => change({ range: value === '300' ? null : value })}
          />
        </>
      }
    >
      <div className="grid border-line border-t [&>*]:border-line [&>*]:border-b md:grid-cols-2 md:[&>*:nth-child(odd)]:border-r 2xl:grid-cols-3 2xl:[&>*:nth-child(odd)]:border-r-0 2xl:[&>*:not(:nth-child(3n))]:border-r">
        <RequestsChart history={history} />
        <LatencyChart history={history} of="read" />
        <LatencyChart history={history} of="write" />
        <NodeChart
          history={history}
          title="Event-loop delay p99"
          metric="eventLoopDelayP99Ms"
          format={formatMillis}
        />
        <NodeChart history={history} title="CPU, of one core" metric="cpu" format={formatShare} />
        <NodeChart
          history={history}
          title="Memory, resident"
          metric="rssBytes"
          format={formatBytes}
          base={2}
        />
      </div>
    </Panel>
  );
}

interface WithHistory {
  readonly history: HistoryWindow;
}

function columnsOf(history: HistoryWindow, metric: Metric) {
  return history.nodeIds.map((nodeId) => history.read(nodeId, metric));
}

function useChartData(history: HistoryWindow, build: () => readonly Series[], key: unknown): ChartData {
  // biome-ignore lint/correctness/useExhaustiveDependencies: `build` reads only `history` and what `key` stands for.
  return useMemo(() => ({ seconds: history.seconds, marks: history.marks, series: build() }), [history, key]);
}

function RequestsChart({ history }: WithHistory) {
  const total = (metric: Metric) => foldSeries(columnsOf(history, metric), sum);
  const data = useChartData(
    history,
    () => [
      { id: 'reads', label: 'reads', colour: 'var(--series-read)', values: total('readsPerSecond') },
      { id: 'writes', label: 'writes', colour: 'var(--series-write)', values: total('writesPerSecond') },
      { id: 'errors', label: 'errors', colour: 'var(--bad)', values: total('errorsPerSecond') },
    ],
    null,
  );
  return (
    <LiveChart title="Requests, all nodes" data={data} format={formatRate} empty="no node reports requests" />
  );
}

const percentiles = {
  read: [
    ['p50', 'readP50Ms', 0.4],
    ['p99', 'readP99Ms', 0.7],
    ['p99.9', 'readP999Ms', 1],
  ],
  write: [
    ['p50', 'writeP50Ms', 0.4],
    ['p99', 'writeP99Ms', 0.7],
    ['p99.9', 'writeP999Ms', 1],
  ],
} as const;

/** Percentiles cannot be added up, so the slowest node stands for all. */
function LatencyChart({ history, of }: WithHistory & { readonly of: 'read' | 'write' }) {
  const data = useChartData(
    history,
    () =>
      percentiles[of].map(([label, metric, strength]) => ({
        id: label,
        label,
        strength,
        colour: `var(--series-${of})`,
        values: foldSeries(columnsOf(history, metric), most),
      })),
    of,
  );
  const title = of === 'read' ? 'Read latency, slowest node' : 'Write latency, slowest node';
  return <LiveChart title={title} data={data} format={formatMillis} empty={`no ${of}s in this time`} />;
}

interface NodeChartProps extends WithHistory {
  readonly title: string;
  readonly metric: Metric;
  readonly format: Format;
  readonly base?: 2 | 10;
}

/** One line per node, or the worst and the median of many. */
function NodeChart({ history, title, metric, format, base = 10 }: NodeChartProps) {
  const colour = useNodeColour();
  const data = useChartData(history, () => nodeSeries(history, metric, colour), metric);
  return <LiveChart title={title} data={data} format={format} base={base} empty="not measured" />;
}

function nodeSeries(
  history: HistoryWindow,
  metric: Metric,
  colour: (nodeId: string) => string,
): readonly Series[] {
  const lines = [...history.nodeIds].sort(byName).map((nodeId) => ({
    id: nodeId,
    label: nodeId,
    colour: colour(nodeId),
    values: history.read(nodeId, metric),
  }));
  if (lines.length <= linesMax) return lines;
  const columns = lines.map((line) => line.values);
  const worst = lines.reduce((top, line) =>
    (lastValue(line.values) ?? 0) > (lastValue(top.values) ?? 0) ? line : top,
  );
  return [
    { ...worst, id: 'worst', label: worst.label, values: foldSeries(columns, most), colour: 'var(--text)' },
    { id: 'median', label: 'median', colour: 'var(--muted)', values: foldSeries(columns, median) },
  ];
}
