import type uPlot from 'uplot';
import { formatClock } from '../format/time.ts';
import { resolveColour } from '../ui/resolve-colour.ts';
import { axisText, type Format, type Mark, roundUp, type Series } from './series.ts';

/** Charts with the same key share one crosshair. */
const crosshair = 'console';

interface Painting {
  readonly series: readonly Series[];
  readonly format: Format;
  /** Bytes are round in powers of two. */
  readonly base: 2 | 10;
  /** Read anew at each drawing. */
  readonly marks: () => readonly Mark[];
  readonly onCursor: (at: number | null) => void;
}

/** Room at the right for the labels of the lines. */
export const labelWidthPx = 122;

/** uPlot's options for one live chart: from zero, gaps are gaps, one crosshair for the page. */
export function chartOptions(size: { width: number; height: number }, painting: Painting): uPlot.Options {
  const line = resolveColour('var(--line)');
  const muted = resolveColour('var(--muted)');
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: muted, font, ticks: { show: false }, gap: 6 };
  return {
    ...size,
    padding: [18, labelWidthPx, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: false, y: false },
      sync: { key: crosshair },
    },
    scales: {
      x: { time: true },
      y: { range: (_chart, _least, most) => [0, roundUp(most, painting.base)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 64,
        incrs: [10, 30, 60, 120, 300],
        values: (_chart, at, _axis, _space, step) =>
          at.map((second) => formatClock(second * 1000).slice(0, step < 60 ? 8 : 5)),
      },
      {
        ...axis,
        grid: { stroke: line, width: 1 },
        size: 60,
        splits: (_chart, _axis, least, most) => [least, most / 2, most],
        values: (_chart, at) => at.map((value) => axisText(painting.format(value))),
      },
    ],
    series: [{}, ...painting.series.map(seriesOptions)],
    hooks: {
      draw: [(chart) => drawMarks(chart, painting.marks(), font)],
      setCursor: [(chart) => painting.onCursor(chart.cursor.idx ?? null)],
    },
  };
}

function seriesOptions({ label, colour, strength = 1 }: Series): uPlot.Series {
  return {
    label,
    stroke: resolveColour(colour),
    alpha: strength,
    width: 1.5,
    spanGaps: false,
    points: { show: false },
  };
}

const markColour = { info: 'var(--muted)', warning: 'var(--warn)', critical: 'var(--bad)' } as const;
/** Marks nearer than this are drawn as one. */
const markApartPx = 8;

/** Events as thin lines down to the time axis, named where there is room. Many at one moment are counted. */
function drawMarks(chart: uPlot, marks: readonly Mark[], font: string): void {
  const { ctx, bbox } = chart;
  const scale = window.devicePixelRatio;
  let labelledTo = Number.NEGATIVE_INFINITY;
  ctx.save();
  ctx.font = font.replace('12px', `${12 * scale}px`);
  ctx.textBaseline = 'top';
  for (const { x, mark, more } of bundled(chart, marks, markApartPx * scale)) {
    const label = more === 0 ? mark.label : `${mark.label} +${more}`;
    const width = ctx.measureText(label).width + 8 * scale;
    const room = x >= labelledTo;
    ctx.strokeStyle = resolveColour(markColour[mark.severity]);
    ctx.fillStyle = ctx.strokeStyle;
    ctx.setLineDash([3 * scale, 3 * scale]);
    ctx.lineWidth = scale;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top - (room ? 14 * scale : 0));
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (!room) continue;
    const fits = x + width <= bbox.left + bbox.width;
    ctx.textAlign = fits ? 'left' : 'right';
    ctx.fillText(label, x + (fits ? 4 : -4) * scale, bbox.top - 15 * scale);
    labelledTo = x + width;
  }
  ctx.restore();
}

interface Bundle {
  readonly x: number;
  /** The gravest, or else the first. */
  mark: Mark;
  more: number;
}

const gravity = { info: 0, warning: 1, critical: 2 } as const;

function bundled(chart: uPlot, marks: readonly Mark[], apart: number): readonly Bundle[] {
  const { left, width } = chart.bbox;
  const bundles: Bundle[] = [];
  for (const mark of marks) {
    const x = Math.round(chart.valToPos(mark.at, 'x', true));
    if (x < left || x > left + width) continue;
    const last = bundles.at(-1);
    if (last === undefined || x - last.x >= apart) {
      bundles.push({ x, mark, more: 0 });
      continue;
    }
    last.more += 1;
    if (gravity[mark.severity] > gravity[last.mark.severity]) last.mark = mark;
  }
  return bundles;
}
