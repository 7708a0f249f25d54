'use client';

import { formatCount, formatMillis, formatRate, type Quantity } from '../format/quantity.ts';
import { healthSummary } from '../frame/health.ts';
import { toneIcon, toneText } from '../frame/health-line.tsx';
import { useHealthReasons, useLive } from '../live/use-live.ts';
import { ConditionGlyph } from '../nodes/condition-mark.tsx';
import { cn } from '../ui/cn.ts';
import { Figure } from '../ui/figure.tsx';
import { Moment } from '../ui/moment.tsx';
import { conditionCounts, largest, latencyOf, type NodeRow, total } from './node-rows.ts';
import { ReasonItem } from './reason-item.tsx';

/** Is it well, why not, and the few figures of the whole cluster. */
export function HealthPanel({ rows }: { readonly rows: readonly NodeRow[] }) {
  const view = useLive((whole) => whole);
  const reasons = useHealthReasons();
  const summary = healthSummary(view);
  const Icon = toneIcon[summary.tone];
  return (
    <section
      id="health"
      aria-labelledby="health-heading"
      className="scroll-mt-16 overflow-hidden rounded-lg border border-line bg-surface"
    >
      <div className="flex flex-wrap items-start gap-x-6 gap-y-2 p-3">
        <div className="flex min-w-0 flex-1 basis-80 items-start gap-3">
          <Icon aria-hidden="true" className={cn('mt-0.5 size-6 shrink-0', toneText[summary.tone])} />
          <div className="min-w-0">
            <h2 id="health-heading" className="text-20">
              {summary.word}
            </h2>
            {/* The gravest reason stands in the list below; one sentence is enough. */}
            {reasons.some((reason) => summary.sentence === reason.message) ? null : (
              <p className="text-muted">{summary.sentence}</p>
            )}
          </div>
        </div>
        <Observed />
      </div>
      {reasons.length === 0 ? null : (
        <ul aria-label="Reasons" className="flex flex-col gap-0.5 px-1.5 pb-2">
          {reasons.map((reason) => (
            <ReasonItem key={`${reason.code} ${reason.subject.kind} ${reason.subject.id}`} reason={reason} />
          ))}
        </ul>
      )}
      <Totals rows={rows} />
    </section>
  );
}

/** Who says so, and how long ago it last spoke. */
function Observed() {
  const observer = useLive((view) => view.observer);
  const spokeAt = useLive((view) => view.heardAt + view.clockOffsetMs);
  if (observer === null) return null;
  return (
    <p className="text-12 text-muted">
      as {observer} sees it, <Moment at={spokeAt} />
    </p>
  );
}

function Totals({ rows }: { readonly rows: readonly NodeRow[] }) {
  const owed = useLive((view) => view.state?.hints ?? null);
  const hints = owed === null ? null : owed.reduce((sum, hint) => sum + hint.pending, 0);
  return (
    <dl className="grid grid-cols-2 border-line border-t sm:grid-cols-3 lg:grid-cols-6">
      <div className="border-line border-b px-3 py-2 sm:border-r lg:border-b-0">
        <dt className="text-12 text-muted">Nodes</dt>
        <dd className="flex flex-wrap gap-x-3 text-16">
          {rows.length === 0 ? '–' : null}
          {conditionCounts(rows).map(([condition, count]) => (
            <span key={condition} className="num inline-flex items-center gap-1.5">
              <ConditionGlyph condition={condition} />
              {count} <span className="text-13 text-muted">{condition}</span>
            </span>
          ))}
        </dd>
      </div>
      <Total name="Reads" of={formatRate(total(rows, (report) => report.stats?.reads?.perSecond))} />
      <Total
        name="Read p99, slowest node"
        of={formatMillis(largest(rows, (report) => latencyOf(report.stats?.reads, 'p99Ms')))}
      />
      <Total name="Writes" of={formatRate(total(rows, (report) => report.stats?.writes?.perSecond))} />
      <Total
        name="Write p99, slowest node"
        of={formatMillis(largest(rows, (report) => latencyOf(report.stats?.writes, 'p99Ms')))}
      />
      <Total name="Hints owed" hint="Durable notes the observer keeps for others" of={formatCount(hints)} />
    </dl>
  );
}

function Total(props: { readonly name: string; readonly hint?: string; readonly of: Quantity }) {
  return (
    <div
      className="border-line border-b px-3 py-2 last:border-r-0 sm:border-r lg:border-b-0"
      title={props.hint}
    >
      <dt className="text-12 text-muted">{props.name}</dt>
      <dd className="text-16">
        <Figure of={props.of} />
      </dd>
    </div>
  );
}
