'use client';

import type { Entry, JsonValue } from '@starling/api-types';
import { formatMillis, textOf } from '../format/quantity.ts';
import { formatMoment } from '../format/time.ts';
import { originOf } from '../live/addresses.ts';
import { useLive, useNodes } from '../live/use-live.ts';
import { Button } from '../ui/button.tsx';
import { cn } from '../ui/cn.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { Panel } from '../ui/panel.tsx';
import { asCurl, asRpc } from './copy-as.ts';
import { OutcomeBadge } from './outcome-badge.tsx';
import { ProblemView } from './problem-view.tsx';
import type { DataAnswer, RequestRecord } from './request.ts';
import type { DataConsole } from './use-data-console.ts';

/** What came back: the value, the siblings beside it, or what went wrong. */
export function AnswerPanel({ console }: { readonly console: DataConsole }) {
  const record = console.shown;
  return (
    <Panel title="Answer" headingId="answer" aside={record === null ? undefined : <CopyAs record={record} />}>
      <div className="flex flex-col gap-3 px-3 pb-3" aria-live="polite" aria-busy={console.busy}>
        {record === null ? (
          <p className="text-muted">
            Read a key, or write one. Every answer here says which replicas were asked, what each said and
            after how many microseconds.
          </p>
        ) : (
          <AnswerOf record={record} console={console} />
        )}
      </div>
    </Panel>
  );
}

function CopyAs({ record }: { readonly record: RequestRecord }) {
  const nodes = useNodes();
  const live = useLive((view) => (view.status.phase === 'live' ? view.status.address : null));
  const address = nodes.find((node) => node.nodeId === record.through)?.address;
  const origin = originOf(address ?? live ?? '', false) ?? 'http://127.0.0.1:8081';
  return (
    <>
      <CopyButton text={() => asCurl(record.request, origin)}>curl</CopyButton>
      <CopyButton text={() => asRpc(record.request)}>tRPC</CopyButton>
    </>
  );
}

interface AnswerProps {
  readonly record: RequestRecord;
  readonly console: DataConsole;
}

function AnswerOf({ record, console }: AnswerProps) {
  const { answer, request, tookMs } = record;
  return (
    <>
      <p className="num flex flex-wrap items-center gap-x-2 gap-y-1" data-testid="outcome">
        <OutcomeBadge answer={answer} />
        <span>
          {request.operation.toUpperCase()}{' '}
          <span className="break-all font-mono text-12">{request.input.key}</span>
        </span>
        {tookMs === null ? null : <span className="text-muted">{textOf(formatMillis(tookMs))} here</span>}
      </p>
      {answer === null ? (
        <p className="text-muted">Waiting for the node…</p>
      ) : (
        <AnswerBody answer={answer} console={console} />
      )}
    </>
  );
}

function AnswerBody({ answer, console }: { readonly answer: DataAnswer; readonly console: DataConsole }) {
  switch (answer.kind) {
    case 'entry':
      return <EntryView entry={answer.entry} console={console} />;
    case 'written':
      return (
        <WriteFacts
          written={answer.written}
          sentence={
            answer.written.repeated
              ? 'This request id had been applied before: nothing was written now.'
              : siblingSentence(answer.written.siblingCount)
          }
        />
      );
    case 'deleted':
      return (
        <WriteFacts
          written={answer.deleted}
          sentence={
            answer.deleted.siblingCount === 0
              ? 'The key has no value now.'
              : `${answer.deleted.siblingCount} siblings were not covered by the context and are still there.`
          }
        />
      );
    case 'problem':
      return <ProblemView problem={answer.problem} />;
    default:
      return answer satisfies never;
  }
}

function siblingSentence(count: number): string {
  if (count === 0) return 'It replaced all that was there.';
  const others = count === 1 ? 'One other value' : `${count} other values`;
  return `${others} the writer had not seen stayed beside it. Read the key to see and resolve them.`;
}

interface WriteFactsProps {
  readonly written: { readonly dot: string; readonly writtenAt: number; readonly etag: string };
  readonly sentence: string;
}

function WriteFacts({ written, sentence }: WriteFactsProps) {
  return (
    <>
      <p>{sentence}</p>
      <Version of={written} etag={written.etag} />
    </>
  );
}

function Version(props: {
  readonly of: { readonly dot: string; readonly writtenAt: number };
  readonly etag?: string;
}) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-12">
      <dt className="text-muted">written</dt>
      <dd title={formatMoment(props.of.writtenAt)}>
        <Moment at={props.of.writtenAt} />
      </dd>
      <dt className="text-muted">dot</dt>
      <dd className="break-all font-mono">{props.of.dot}</dd>
      {props.etag === undefined ? null : (
        <>
          <dt className="text-muted">etag</dt>
          <dd className="break-all font-mono">{props.etag}</dd>
        </>
      )}
    </dl>
  );
}

/** The newest value, and the others side by side with it. */
function EntryView({ entry, console }: { readonly entry: Entry; readonly console: DataConsole }) {
  const versions = [entry, ...entry.siblings];
  const conflict = versions.length > 1;
  const keep = (value: JsonValue) => {
    const text = JSON.stringify(value, null, 2);
    console.change({ value: text, useContext: true });
    void console.run('put', { value: text, useContext: true });
  };
  return (
    <>
      {conflict ? (
        <Notice tone="warn" title={`${versions.length} values whose writers did not know of each other`}>
          Keep one, or merge them in the editor and write: with the context of this read, the write replaces
          all of them.
        </Notice>
      ) : null}
      <ul className={cn('grid gap-3', conflict && 'sm:grid-cols-[repeat(auto-fit,minmax(14rem,1fr))]')}>
        {versions.map((version, at) => (
          <li
            key={version.dot}
            data-testid="version"
            className={cn('flex min-w-0 flex-col gap-2', conflict && 'rounded-md border border-line p-2')}
          >
            {conflict ? <p className="text-12 font-medium">{at === 0 ? 'newest' : `sibling ${at}`}</p> : null}
            <pre className="max-h-80 overflow-auto rounded-md bg-sunken p-2 font-mono text-12">
              {JSON.stringify(version.value, null, 2)}
            </pre>
            <Version of={version} {...(at === 0 ? { etag: entry.etag } : {})} />
            {version.expiresAt === null ? null : (
              <p className="text-12">expires {formatMoment(version.expiresAt)}</p>
            )}
            {conflict ? (
              <div className="mt-auto flex flex-wrap gap-1.5">
                <Button size="sm" onClick={() => keep(version.value)}>
                  Keep this one
                </Button>
                <Button
                  size="sm"
                  variant="ghost"
                  onClick={() =>
                    console.change({ value: JSON.stringify(version.value, null, 2), useContext: true })
                  }
                >
                  Edit
                </Button>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  );
}
