'use client';

import { useSelection } from '../inspector/selection.ts';
import { ConditionMark } from '../nodes/condition-mark.tsx';
import { NodeName } from '../nodes/node-name.tsx';
import { Figure } from '../ui/figure.tsx';
import { Moment } from '../ui/moment.tsx';
import type { NodeRow } from './node-rows.ts';
import { figureColumns } from './node-table.tsx';

/** What a header means where no neighbour says it. */
const longNames: Readonly<Record<string, string>> = {
  'read-p50': 'Read p50',
  'read-p99': 'Read p99',
  'write-p50': 'Write p50',
  'write-p99': 'Write p99',
};

/** The nodes on a narrow screen: the table's figures, a card each. */
export function NodeCards({ rows }: { readonly rows: readonly NodeRow[] }) {
  const [, inspect] = useSelection();
  return (
    <ul className="flex flex-col">
      {rows.map((row) => {
        const { report, condition, stale } = row;
        return (
          <li key={report.nodeId} className="border-line border-t">
            <button
              type="button"
              aria-label={`Inspect ${report.nodeId}, ${condition}`}
              onClick={() => inspect({ kind: 'node', nodeId: report.nodeId })}
              className="flex w-full flex-wrap items-center gap-x-3 px-3 pt-2 text-left"
            >
              <NodeName nodeId={report.nodeId} className="text-13" />
              <ConditionMark condition={condition} />
              <span className={`ml-auto text-12 ${stale ? 'text-warn' : 'text-muted'}`}>
                {report.observedAt === null ? 'never heard' : <Moment at={report.observedAt} />}
              </span>
            </button>
            <dl className={`grid grid-cols-3 gap-x-3 gap-y-1 px-3 py-2 ${stale ? 'opacity-55' : ''}`}>
              {figureColumns.map((column) => (
                <div key={column.id} className="min-w-0">
                  <dt className="truncate text-12 text-muted">{longNames[column.id] ?? column.header}</dt>
                  <dd>
                    <Figure of={column.format(column.read(report))} />
                  </dd>
                </div>
              ))}
            </dl>
          </li>
        );
      })}
    </ul>
  );
}
