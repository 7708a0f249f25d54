'use client';

import { useMemo, useState } from 'react';
import { useEvents, useHealthReasons, useLive, useNodes } from '../live/use-live.ts';
import { useObserverNow } from '../live/use-now.ts';
import { Input } from '../ui/field.tsx';
import { Command, Notice } from '../ui/notice.tsx';
import { Panel } from '../ui/panel.tsx';
import { EventList } from './event-list.tsx';
import { HealthPanel } from './health-panel.tsx';
import { NodeCards } from './node-cards.tsx';
import { isStale, type NodeRow, nodeRows } from './node-rows.ts';
import { NodeTable } from './node-table.tsx';
import { OverviewCharts } from './overview-charts.tsx';

/** From so many nodes on, names can be filtered. */
const filterFrom = 9;
const eventsShown = 12;

/** Is the cluster well, and if not, why. */
export function OverviewPage() {
  const nodes = useNodes();
  const reasons = useHealthReasons();
  const now = useObserverNow();
  // The clock ticks between reports; only a row that goes stale is a new row.
  const staleness = nodes.map((node) => (isStale(node, now) ? 'x' : '.')).join('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `staleness` is all that the time decides.
  const rows = useMemo(() => nodeRows(nodes, reasons, now), [nodes, reasons, staleness]);
  const known = useLive((view) => view.state !== null);
  return (
    <div className="flex flex-col gap-3 sm:gap-4">
      <h1 className="sr-only">Overview</h1>
      <HealthPanel rows={rows} />
      {known ? (
        <>
          <NodesPanel rows={rows} />
          <OverviewCharts />
          <EventsPanel />
        </>
      ) : (
        <Waiting />
      )}
    </div>
  );
}

function Waiting() {
  return (
    <Notice title="Waiting for a node">
      <p className="mb-2">
        Everything here comes live from a node. Three nodes and this console start on one machine with:
      </p>
      <Command>pnpm dev</Command>
    </Notice>
  );
}

function NodesPanel({ rows }: { readonly rows: readonly NodeRow[] }) {
  const [filter, setFilter] = useState('');
  const shown = useMemo(
    () => (filter === '' ? rows : rows.filter((row) => matches(row, filter.toLowerCase()))),
    [rows, filter],
  );
  const filtering = rows.length >= filterFrom;
  return (
    <Panel
      title="Nodes"
      headingId="nodes"
      aside={
        filtering ? (
          <>
            <span className="num">
              {shown.length} of {rows.length}
            </span>
            <Input
              aria-label="Filter nodes by name, zone or condition"
              placeholder="Name, zone or condition"
              className="h-7 w-48"
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
            />
          </>
        ) : undefined
      }
    >
      <div className="hidden lg:block">
        <NodeTable rows={shown} />
      </div>
      <div className="lg:hidden">
        <NodeCards rows={shown} />
      </div>
    </Panel>
  );
}

function matches({ report, condition }: NodeRow, filter: string): boolean {
  return [report.nodeId, report.zone ?? '', condition].some((text) => text.toLowerCase().includes(filter));
}

function EventsPanel() {
  const events = useEvents();
  return (
    <Panel
      title="Lately"
      headingId="lately"
      aside={
        events.length === 0 ? undefined : `newest ${Math.min(events.length, eventsShown)} of ${events.length}`
      }
    >
      {events.length === 0 ? (
        <p className="px-3 pb-3 text-muted">
          Nothing has happened since the observer started. Members coming and going, ring epochs, transfers,
          hints and repairs are told here.
        </p>
      ) : (
        <EventList events={events.slice(-eventsShown)} />
      )}
    </Panel>
  );
}
