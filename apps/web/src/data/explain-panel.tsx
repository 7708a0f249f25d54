'use client';

import type { ExplainReport } from '@starling/api-types';
import { Check } from 'lucide-react';
import { formatMicros, textOf } from '../format/quantity.ts';
import { NodeName, useNodeColour } from '../nodes/node-name.tsx';
import {
  type AnsweredStep,
  answeredSteps,
  explainSentence,
  isOk,
  lastMomentUs,
  phaseMeaning,
} from '../ring/explain-flow.ts';
import { RingFigure } from '../ring/ring-figure.tsx';
import { useScene } from '../ring/use-scene.ts';
import { Figure } from '../ui/figure.tsx';
import { Panel } from '../ui/panel.tsx';
import { ScrollArea } from '../ui/scroll-area.tsx';
import { explainOf, type RequestRecord } from './request.ts';

/** How the shown request went: on the ring, on a time line, in words. */
export function ExplainPanel({ record }: { readonly record: RequestRecord | null }) {
  const explain = record?.answer == null ? null : explainOf(record.answer);
  return (
    <Panel
      title="How it went"
      headingId="explain"
      aside={
        explain === null ? undefined : (
          <span className="num">
            <Figure of={formatMicros(explain.totalUs)} /> in the cluster, epoch {explain.ringEpoch}
          </span>
        )
      }
    >
      <div className="px-3 pb-3">
        <ExplainRing explain={explain} record={record} />
        {explain === null ? (
          <p className="text-muted">
            {record === null
              ? 'The next request is drawn here: from its coordinator to the replicas and back.'
              : 'This answer came without an explanation: no replica was asked.'}
          </p>
        ) : (
          <p className="mb-2">{explainSentence(explain)}</p>
        )}
      </div>
      {explain === null ? null : <StepTable explain={explain} />}
    </Panel>
  );
}

function ExplainRing(props: {
  readonly explain: ExplainReport | null;
  readonly record: RequestRecord | null;
}) {
  const { explain, record } = props;
  const place =
    explain === null
      ? null
      : {
          key: record?.request.input.key ?? '',
          bucket: explain.bucket,
          replicas: explain.replicas,
          pending: explain.pending,
        };
  const scene = useScene({ place, explain });
  if (scene === null) return null;
  return (
    <RingFigure
      // A new request is drawn anew, so that its lines travel again.
      key={record?.id ?? 0}
      scene={scene}
      compact
      className="mx-auto w-full max-w-[26rem]"
    />
  );
}

function StepTable({ explain }: { readonly explain: ExplainReport }) {
  const last = lastMomentUs(explain);
  return (
    <ScrollArea label="Steps of the request, scrollable">
      <table className="grid-table" aria-label="Steps of the request" data-testid="explain-steps">
        <thead>
          <tr>
            <th scope="col">Replica</th>
            <th scope="col">Phase</th>
            <th scope="col" className="w-full min-w-20">
              0 to {textOf(formatMicros(last))}
            </th>
            <th scope="col" data-align="right" className="hidden 3xl:table-cell">
              Sent
            </th>
            <th scope="col" data-align="right">
              Took
            </th>
            <th scope="col">Said</th>
          </tr>
        </thead>
        <tbody>
          {answeredSteps(explain).map((step) => (
            <StepRow key={`${step.replica} ${step.phase} ${step.sentUs}`} step={step} last={last} />
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function StepRow({ step, last }: { readonly step: AnsweredStep; readonly last: number }) {
  return (
    <tr>
      <td>
        <NodeName nodeId={step.replica} />
      </td>
      <td title={phaseMeaning[step.phase]}>{step.phase}</td>
      <td>
        <TimeBar step={step} last={last} />
      </td>
      <td data-align="right" className="hidden 3xl:table-cell">
        <Figure of={formatMicros(step.sentUs)} />
      </td>
      <td data-align="right">
        <Figure of={formatMicros(step.tookUs)} />
      </td>
      <td className={isOk(step) ? undefined : 'text-bad'}>
        {step.result}
        {step.order === null ? '' : <span className="text-muted"> {ordinal(step.order)}</span>}
        {step.closedQuorum ? <ClosedQuorum /> : null}
      </td>
    </tr>
  );
}

function ClosedQuorum() {
  return (
    <strong
      className="ml-1.5 inline-flex items-center gap-1 align-middle font-medium text-ok"
      title="This answer closed the quorum"
    >
      <Check aria-hidden="true" className="size-3.5" />
      <span className="sr-only">closed the</span> quorum
    </strong>
  );
}

function ordinal(order: number): string {
  const ending = ['th', 'st', 'nd', 'rd'][order % 100 > 10 && order % 100 < 14 ? 0 : order % 10] ?? 'th';
  return `${order}${ending}`;
}

/** When a replica was asked and when it had answered, on the time line of the whole request. */
function TimeBar({ step, last }: { readonly step: AnsweredStep; readonly last: number }) {
  const colour = useNodeColour();
  const from = (step.sentUs / last) * 100;
  const to = ((step.answeredUs ?? last) / last) * 100;
  return (
    <span aria-hidden="true" className="relative block h-3 rounded-sm bg-sunken">
      <span
        className="absolute inset-y-0 rounded-sm"
        style={{
          left: `${from}%`,
          width: `max(2px, ${to - from}%)`,
          background: isOk(step)
            ? colour(step.replica)
            : 'repeating-linear-gradient(135deg, var(--bad) 0 2px, transparent 2px 5px)',
          borderRight: step.closedQuorum ? '3px solid var(--text)' : undefined,
        }}
      />
    </span>
  );
}
