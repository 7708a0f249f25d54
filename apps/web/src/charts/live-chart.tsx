'use client';

import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { textOf } from '../format/quantity.ts';
import { formatClock } from '../format/time.ts';
import { useShownTheme } from '../frame/use-preferences.ts';
import { chartOptions, labelWidthPx } from './chart-options.ts';
import { type ChartData, type Format, lastValue, spreadLabels } from './series.ts';

interface LiveChartProps {
  readonly title: string;
  readonly data: ChartData;
  readonly format: Format;
  readonly base?: 2 | 10;
  /** Said in the middle while no line has a point. */
  readonly empty: string;
}

const heightPx = 132;
const labelLeastPx = 15;

/** A small chart of the last minutes. Its lines are labelled where they end; the crosshair is shared by the page. */
export function LiveChart({ title, data, format, base = 10, empty }: LiveChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<uPlot | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const latest = useRef(data);
  latest.current = data;
  const theme = useShownTheme();
  const lines = data.series.map((series) => `${series.id} ${series.colour} ${series.strength}`).join(',');

  // biome-ignore lint/correctness/useExhaustiveDependencies: built anew when its lines or the theme change, not for each second.
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const size = { width: element.clientWidth, height: heightPx };
    const painting = {
      series: latest.current.series,
      format,
      base,
      marks: () => latest.current.marks,
      onCursor: setCursor,
    };
    const made = new uPlot(chartOptions(size, painting), aligned(latest.current), element);
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightPx }));
    observer.observe(element);
    setChart(made);
    return () => {
      observer.disconnect();
      made.destroy();
      setChart(null);
    };
  }, [lines, theme, format]);

  useEffect(() => {
    chart?.setData(aligned(data));
  }, [chart, data]);

  const silent = data.series.every((series) => series.values.every((value) => value === null));
  const second = cursor === null ? undefined : data.seconds[cursor];
  return (
    <figure className="min-w-0 px-3 pt-2 pb-1">
      <figcaption className="flex items-baseline justify-between gap-2 text-12">
        <span className="font-medium">{title}</span>
        <span className="num text-muted">{second === undefined ? '' : formatClock(second * 1000)}</span>
      </figcaption>
      <div className="relative" role="img" aria-label={summary(title, data, format)}>
        <div ref={host} style={{ height: heightPx }} />
        {silent ? (
          <p className="absolute inset-0 grid place-content-center pr-16 text-12 text-muted">{empty}</p>
        ) : (
          <Labels chart={chart} data={data} cursor={cursor} format={format} />
        )}
      </div>
    </figure>
  );
}

/** uPlot's own shape: the times, then one column per line. */
function aligned(data: ChartData): uPlot.AlignedData {
  return [[...data.seconds], ...data.series.map((series) => [...series.values])];
}

function summary(title: string, data: ChartData, format: Format): string {
  const parts = data.series.map((series) => {
    const value = lastValue(series.values);
    return `${series.label} ${value === null ? 'not measured' : textOf(format(value))}`;
  });
  return `${title}: ${parts.join(', ')}`;
}

interface LabelsProps {
  readonly chart: uPlot | null;
  readonly data: ChartData;
  /** Cell under the crosshair. */
  readonly cursor: number | null;
  readonly format: Format;
}

/** Names and values of the lines, at the height where each ends or meets the crosshair. */
function Labels({ chart, data, cursor, format }: LabelsProps) {
  if (chart === null || chart.status !== 1) return null;
  const shown = data.series
    .map((series) => ({
      series,
      value: cursor === null ? lastValue(series.values) : (series.values[cursor] ?? null),
    }))
    .filter(({ value }) => value !== null);
  const plotTop = chart.bbox.top / window.devicePixelRatio;
  const tops = shown.map(({ value }) => plotTop + chart.valToPos(value ?? 0, 'y') - labelLeastPx / 2);
  const placed = spreadLabels(tops, labelLeastPx, heightPx - labelLeastPx - 14);
  return shown.map(({ series, value }, at) => (
    <span
      key={series.id}
      aria-hidden="true"
      className="num pointer-events-none absolute right-0 flex items-center gap-1 overflow-hidden pl-1.5 text-12 leading-[15px]"
      style={{ top: placed[at], width: labelWidthPx }}
    >
      <span
        className="h-0.5 w-2 shrink-0"
        style={{ background: series.colour, opacity: series.strength ?? 1 }}
      />
      <span className="truncate text-muted">{series.label}</span>
      <span className="ml-auto shrink-0">{textOf(format(value))}</span>
    </span>
  ));
}
