'use client';

import type { NodeReport } from '@starling/api-types';
import type { ReactNode } from 'react';
import {
  formatBytes,
  formatCount,
  formatMillis,
  formatRate,
  formatShare,
  type Quantity,
} from '../format/quantity.ts';
import { useSelection } from '../inspector/selection.ts';
import { ConditionMark } from '../nodes/condition-mark.tsx';
import { NodeName } from '../nodes/node-name.tsx';
import { Figure } from '../ui/figure.tsx';
import { Moment } from '../ui/moment.tsx';
import { SortableTable, type TableColumn } from '../ui/sortable-table.tsx';
import { latencyOf, type NodeRow, rankOf } from './node-rows.ts';

/** A column of figures: read from the report, formatted, sorted by value. */
export interface FigureColumn {
  readonly id: string;
  readonly header: string;
  readonly hint?: string;
  readonly read: (report: NodeReport) => number | null;
  readonly format: (value: number | null) => Quantity;
}

/** The figures of a node, in the order of the table; the cards of a narrow screen show the same. */
export const figureColumns: readonly FigureColumn[] = [
  {
    id: 'keys',
    header: 'Keys',
    hint: 'Live keys stored here: a replica count, not a cluster count',
    read: (report) => report.counts?.keys ?? null,
    format: formatCount,
  },
  {
    id: 'reads',
    header: 'Reads',
    hint: 'Per second over the last ten seconds, as the receiving node counted them',
    read: (report) => report.stats?.reads?.perSecond ?? null,
    format: formatRate,
  },
  {
    id: 'read-p50',
    header: 'p50',
    hint: 'Half of the reads were faster',
    read: (report) => latencyOf(report.stats?.reads, 'p50Ms'),
    format: formatMillis,
  },
  {
    id: 'read-p99',
    header: 'p99',
    hint: '99 of 100 reads were faster',
    read: (report) => latencyOf(report.stats?.reads, 'p99Ms'),
    format: formatMillis,
  },
  {
    id: 'writes',
    header: 'Writes',
    hint: 'Per second over the last ten seconds, as the receiving node counted them',
    read: (report) => report.stats?.writes?.perSecond ?? null,
    format: formatRate,
  },
  {
    id: 'write-p50',
    header: 'p50',
    hint: 'Half of the writes were faster',
    read: (report) => latencyOf(report.stats?.writes, 'p50Ms'),
    format: formatMillis,
  },
  {
    id: 'write-p99',
    header: 'p99',
    hint: '99 of 100 writes were faster',
    read: (report) => latencyOf(report.stats?.writes, 'p99Ms'),
    format: formatMillis,
  },
  {
    id: 'disk',
    header: 'Disk',
    hint: 'Bytes of the data directory',
    read: (report) => report.stats?.diskUsedBytes ?? null,
    format: formatBytes,
  },
  {
    id: 'memory',
    header: 'Memory',
    hint: 'Resident',
    read: (report) => report.stats?.rssBytes ?? null,
    format: formatBytes,
  },
  {
    id: 'cpu',
    header: 'CPU',
    hint: 'Of one core, all threads',
    read: (report) => report.stats?.cpu ?? null,
    format: formatShare,
  },
  {
    id: 'loop',
    header: 'Loop p99',
    hint: 'Event-loop delay, p99 over the last ten seconds',
    read: (report) => report.stats?.eventLoopDelayP99Ms ?? null,
    format: formatMillis,
  },
];

const columns: readonly TableColumn<NodeRow>[] = [
  {
    id: 'node',
    header: 'Node',
    value: ({ report }) => report.nodeId,
    cell: ({ report }) => (
      <button type="button" aria-label={`Inspect ${report.nodeId}`}>
        <NodeName nodeId={report.nodeId} />
      </button>
    ),
  },
  {
    id: 'condition',
    header: 'Is',
    value: ({ condition }) => rankOf(condition),
    cell: ({ condition }) => <ConditionMark condition={condition} />,
  },
  ...figureColumns.map(
    (column): TableColumn<NodeRow> => ({
      id: column.id,
      header: column.header,
      ...(column.hint === undefined ? {} : { hint: column.hint }),
      align: 'right',
      value: ({ report }) => column.read(report),
      cell: (row) => <Faded row={row}>{<Figure of={column.format(column.read(row.report))} />}</Faded>,
    }),
  ),
  {
    id: 'heard',
    header: 'Heard',
    hint: 'When the observer last heard of this node',
    align: 'right',
    value: ({ report }) => report.observedAt,
    cell: ({ report, stale }) => (
      <span className={stale ? 'text-warn' : 'text-muted'}>
        {report.observedAt === null ? 'never' : <Moment at={report.observedAt} />}
      </span>
    ),
  },
];

/** Old figures step back; the last column says how old they are. */
function Faded({ row, children }: { readonly row: NodeRow; readonly children: ReactNode }) {
  return <span className={row.stale ? 'opacity-55' : undefined}>{children}</span>;
}

/** All nodes with their figures. */
export function NodeTable({ rows }: { readonly rows: readonly NodeRow[] }) {
  const [selection, inspect] = useSelection();
  return (
    <SortableTable
      label="Nodes"
      className="max-h-[60dvh]"
      items={rows}
      columns={columns}
      idOf={(row) => row.report.nodeId}
      sortedBy="node"
      isSelected={(row) => selection?.kind === 'node' && selection.nodeId === row.report.nodeId}
      onChoose={(row) => inspect({ kind: 'node', nodeId: row.report.nodeId })}
    />
  );
}
