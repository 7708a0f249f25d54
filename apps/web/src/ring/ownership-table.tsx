'use client';

import type { RingNode } from '@starling/api-types';
import { formatShare, wholeText } from '../format/quantity.ts';
import type { Condition } from '../nodes/condition.ts';
import { ConditionMark } from '../nodes/condition-mark.tsx';
import { NodeName, useNodeColour } from '../nodes/node-name.tsx';
import { Figure } from '../ui/figure.tsx';
import { SortableTable, type TableColumn } from '../ui/sortable-table.tsx';
import type { RingScene } from './ring-scene.ts';

interface OwnershipRow extends RingNode {
  readonly condition: Condition;
  /** Its share over the largest, for the bar. */
  readonly relative: number;
}

const columns: readonly TableColumn<OwnershipRow>[] = [
  {
    id: 'node',
    header: 'Node',
    value: (row) => row.nodeId,
    cell: (row) => (
      <button type="button" aria-label={`Show the arcs of ${row.nodeId}`}>
        <NodeName nodeId={row.nodeId} />
      </button>
    ),
  },
  {
    id: 'condition',
    header: 'Is',
    value: (row) => row.condition,
    cell: (row) => <ConditionMark condition={row.condition} />,
  },
  {
    id: 'share',
    header: 'Owns',
    hint: 'Share of all buckets whose first replica it is',
    value: (row) => row.ownership,
    cell: (row) => <ShareBar row={row} />,
    className: 'w-full min-w-36',
  },
  {
    id: 'tokens',
    header: 'Vnodes',
    align: 'right',
    value: (row) => row.tokens,
    cell: (row) => wholeText(row.tokens),
  },
  { id: 'zone', header: 'Zone', value: (row) => row.zone, cell: (row) => row.zone },
];

function ShareBar({ row }: { readonly row: OwnershipRow }) {
  const colour = useNodeColour();
  return (
    <span className="flex items-center gap-2">
      <Figure of={formatShare(row.ownership)} className="w-14 text-right" />
      <span aria-hidden="true" className="h-1.5 flex-1 rounded-full bg-sunken">
        <span
          className="block h-full rounded-full transition-[width] duration-200"
          style={{ width: `${row.relative * 100}%`, background: colour(row.nodeId) }}
        />
      </span>
    </span>
  );
}

interface OwnershipTableProps {
  readonly scene: RingScene;
  readonly onEmphasis: (nodeId: string | null) => void;
}

/** Who owns how much. Pressing a node makes its arcs stand out on the ring; pressing it again ends that. */
export function OwnershipTable({ scene, onEmphasis }: OwnershipTableProps) {
  const largest = Math.max(...scene.ring.nodes.map((node) => node.ownership), Number.MIN_VALUE);
  const conditions = new Map(scene.nodes.map((node) => [node.nodeId, node.condition]));
  const rows = scene.ring.nodes.map((node) => ({
    ...node,
    condition: conditions.get(node.nodeId) ?? ('unheard' as const),
    relative: node.ownership / largest,
  }));
  return (
    <SortableTable
      label="Ownership by node"
      className="max-h-[28rem]"
      items={rows}
      columns={columns}
      idOf={(row) => row.nodeId}
      sortedBy="node"
      isSelected={(row) => row.nodeId === scene.emphasis}
      onChoose={(row) => onEmphasis(row.nodeId === scene.emphasis ? null : row.nodeId)}
    />
  );
}
