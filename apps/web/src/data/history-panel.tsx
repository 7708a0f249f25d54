'use client';

import { formatMillis } from '../format/quantity.ts';
import { formatClock } from '../format/time.ts';
import { Button } from '../ui/button.tsx';
import { Figure } from '../ui/figure.tsx';
import { Panel } from '../ui/panel.tsx';
import { ScrollArea } from '../ui/scroll-area.tsx';
import { OutcomeBadge } from './outcome-badge.tsx';
import { explainOf, type RequestRecord } from './request.ts';
import { requestsKept, tabRequests } from './tab-requests.ts';
import type { DataConsole } from './use-data-console.ts';

/** The requests made in this tab. Choosing one shows its answer and how it went again. */
export function HistoryPanel({ console }: { readonly console: DataConsole }) {
  const { records } = console;
  return (
    <Panel
      title="Requests of this tab"
      headingId="requests"
      aside={
        records.length === 0 ? undefined : (
          <>
            <span className="num">the last {requestsKept} are kept</span>
            <Button variant="ghost" size="sm" onClick={() => tabRequests.clear()}>
              Clear
            </Button>
          </>
        )
      }
    >
      {records.length === 0 ? (
        <p className="px-3 pb-3 text-muted">None yet.</p>
      ) : (
        <ScrollArea label="Requests of this tab, scrollable" className="max-h-80">
          <table className="grid-table" aria-label="Requests of this tab">
            <thead className="sticky top-0 z-10 bg-surface">
              <tr>
                <th scope="col">At</th>
                <th scope="col">Request</th>
                <th scope="col" className="w-full">
                  Key
                </th>
                <th scope="col" className="hidden sm:table-cell">
                  Level
                </th>
                <th scope="col" className="hidden sm:table-cell">
                  Coordinator
                </th>
                <th scope="col">Outcome</th>
                <th scope="col" data-align="right">
                  Took
                </th>
              </tr>
            </thead>
            <tbody>
              {records.map((record) => (
                <HistoryRow
                  key={record.id}
                  record={record}
                  shown={record.id === console.shown?.id}
                  onShow={() => console.show(record.id)}
                />
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </Panel>
  );
}

interface HistoryRowProps {
  readonly record: RequestRecord;
  readonly shown: boolean;
  readonly onShow: () => void;
}

function HistoryRow({ record, shown, onShow }: HistoryRowProps) {
  const { request, answer, tookMs, at } = record;
  const explain = answer === null ? null : explainOf(answer);
  return (
    <tr data-selected={shown} className="cursor-pointer hover:bg-sunken" onClick={onShow}>
      <td className="text-muted">{formatClock(at)}</td>
      <td>
        <button
          type="button"
          aria-label={`Show ${request.operation} of ${request.input.key} at ${formatClock(at)}`}
          aria-current={shown}
          className="uppercase"
        >
          {request.operation}
        </button>
      </td>
      <td className="max-w-0 truncate font-mono text-12" title={request.input.key}>
        {request.input.key}
      </td>
      <td className="hidden sm:table-cell">{levelOf(record)}</td>
      <td className="hidden sm:table-cell">{explain?.coordinator ?? '–'}</td>
      <td>
        <OutcomeBadge answer={answer} />
      </td>
      <td data-align="right">
        <Figure of={formatMillis(tookMs)} />
      </td>
    </tr>
  );
}

function levelOf({ request }: RequestRecord): string {
  const { input } = request;
  if ('r' in input && input.r !== undefined) return `r=${input.r}`;
  if ('w' in input && input.w !== undefined) return `w=${input.w}`;
  return input.consistency ?? 'quorum';
}
