'use client';

import {
  createColumnHelper,
  createSortedRowModel,
  type Row,
  rowSortingFeature,
  type SortingState,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { cn } from './cn.ts';
import { ScrollArea } from './scroll-area.tsx';

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
});

/** One column: what it sorts by and what it shows. */
export interface TableColumn<Item> {
  readonly id: string;
  readonly header: string;
  readonly hint?: string;
  readonly align?: 'left' | 'right';
  /** Null sorts last, whichever way. */
  readonly value: (item: Item) => string | number | null;
  readonly cell: (item: Item) => ReactNode;
  readonly className?: string;
}

interface SortableTableProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  /** Must keep its identity between renders. */
  readonly columns: readonly TableColumn<Item>[];
  readonly idOf: (item: Item) => string;
  readonly sortedBy: string;
  readonly isSelected?: (item: Item) => boolean;
  readonly onChoose?: (item: Item) => void;
  /** Of the area that scrolls. */
  readonly className?: string;
}

/** A table that sorts by any column. Pressing a row chooses it; for keys and screen readers a cell holds a button. */
export function SortableTable<Item extends object>(props: SortableTableProps<Item>) {
  const { columns, items } = props;
  const [sorting, setSorting] = useState<SortingState>([{ id: props.sortedBy, desc: false }]);
  const data = useMemo(() => [...items], [items]);
  const built = useMemo(() => {
    const helper = createColumnHelper<typeof features, Item>();
    return helper.columns(
      columns.map((column) =>
        helper.accessor((item) => column.value(item) ?? undefined, {
          id: column.id,
          header: column.header,
          sortFn: 'alphanumeric',
          sortUndefined: 'last',
        }),
      ),
    );
  }, [columns]);
  const table = useTable({
    features,
    columns: built,
    data,
    getRowId: props.idOf,
    state: { sorting },
    onSortingChange: setSorting,
    enableSortingRemoval: false,
  });
  return (
    <ScrollArea
      label={`${props.label}, scrollable`}
      {...(props.className === undefined ? {} : { className: props.className })}
    >
      <table className="grid-table" aria-label={props.label}>
        <thead className="sticky top-0 z-10 bg-surface">
          <tr>
            {columns.map((column) => (
              <HeaderCell
                key={column.id}
                column={column}
                sorted={table.getColumn(column.id)?.getIsSorted() || null}
                onSort={() => table.getColumn(column.id)?.toggleSorting()}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <BodyRow key={row.id} row={row} table={props} />
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

interface BodyRowProps<Item extends object> {
  readonly row: Row<typeof features, Item>;
  readonly table: SortableTableProps<Item>;
}

function BodyRow<Item extends object>({ row, table }: BodyRowProps<Item>) {
  const item = row.original;
  const { onChoose } = table;
  return (
    <tr
      data-selected={table.isSelected?.(item) === true}
      className={cn(onChoose !== undefined && 'cursor-pointer hover:bg-sunken')}
      onClick={onChoose === undefined ? undefined : () => onChoose(item)}
    >
      {table.columns.map((column) => (
        <td key={column.id} data-align={column.align} className={column.className}>
          {column.cell(item)}
        </td>
      ))}
    </tr>
  );
}

interface HeaderCellProps<Item> {
  readonly column: TableColumn<Item>;
  readonly sorted: 'asc' | 'desc' | null;
  readonly onSort: () => void;
}

function HeaderCell<Item>({ column, sorted, onSort }: HeaderCellProps<Item>) {
  const Icon = sorted === 'desc' ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      data-align={column.align}
      aria-sort={sorted === null ? 'none' : sorted === 'asc' ? 'ascending' : 'descending'}
      title={column.hint}
    >
      <button
        type="button"
        onClick={onSort}
        className={cn(
          'inline-flex items-center gap-1 hover:text-text',
          column.align === 'right' && 'flex-row-reverse',
          sorted !== null && 'text-text',
        )}
      >
        {column.header}
        <Icon aria-hidden="true" className={cn('size-3', sorted === null && 'invisible')} />
      </button>
    </th>
  );
}
