'use client';

import type { NodeReport } from '@starling/api-types';
import { CircleDashed, Ear } from 'lucide-react';
import Link from 'next/link';
import { formatBytes, formatCount, formatMillis, formatRate, formatShare } from '../format/quantity.ts';
import { originOf } from '../live/addresses.ts';
import { useLiveParts } from '../live/live-provider.tsx';
import { useEvents, useHealthReasons, useLive, useNodes } from '../live/use-live.ts';
import { conditionMeaning, conditionOf } from '../nodes/condition.ts';
import { ConditionMark } from '../nodes/condition-mark.tsx';
import { NodeName } from '../nodes/node-name.tsx';
import { latencyOf } from '../overview/node-rows.ts';
import { ReasonItem } from '../overview/reason-item.tsx';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Figure } from '../ui/figure.tsx';
import { Moment } from '../ui/moment.tsx';
import { Fact, Facts, Part } from './facts.tsx';

const eventsShown = 8;

export function NodeInspector({ nodeId }: { readonly nodeId: string }) {
  const report = useNodes().find((node) => node.nodeId === nodeId);
  const reasons = useHealthReasons();
  if (report === undefined) {
    return <p className="text-muted">The observer knows no node named {nodeId}.</p>;
  }
  const condition = conditionOf(report, reasons);
  const own = reasons.filter((reason) => reason.subject.kind === 'node' && reason.subject.id === nodeId);
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <NodeName nodeId={nodeId} className="text-14" />
        <ConditionMark condition={condition} />
        <p className="w-full text-12 text-muted">{conditionMeaning[condition]}</p>
      </div>
      {own.length === 0 ? null : (
        <ul className="flex flex-col gap-1">
          {own.map((reason) => (
            <ReasonItem key={reason.code} reason={reason} />
          ))}
        </ul>
      )}
      <NodeActions report={report} />
      <Place report={report} />
      <Requests report={report} />
      <Machine report={report} />
      <Owed nodeId={nodeId} />
      <RecentEvents nodeId={nodeId} />
    </>
  );
}

function NodeActions({ report }: { readonly report: NodeReport }) {
  const { listenTo } = useLiveParts();
  const observer = useLive((view) => view.observer);
  const origin = originOf(report.address ?? '', globalThis.location?.protocol === 'https:');
  return (
    <div className="flex flex-wrap gap-1.5">
      <Button asChild size="sm">
        <Link href={`/ring?node=${encodeURIComponent(report.nodeId)}&inspect=node:${report.nodeId}`}>
          <CircleDashed aria-hidden="true" /> On the ring
        </Link>
      </Button>
      {origin === null || observer === report.nodeId || report.liveness !== 'alive' ? null : (
        <Button size="sm" onClick={() => listenTo(origin)}>
          <Ear aria-hidden="true" /> See as this node does
        </Button>
      )}
      {origin === null ? null : <CopyButton text={`curl ${origin}/api/v1/status`}>curl</CopyButton>}
    </div>
  );
}

function Place({ report }: { readonly report: NodeReport }) {
  return (
    <Part title="Place">
      <Facts>
        <Fact name="Address">
          <span className="font-mono text-12">{report.address ?? '–'}</span>
        </Fact>
        <Fact name="Zone">{report.zone ?? '–'}</Fact>
        <Fact name="In the ring">{report.ringStatus ?? 'no'}</Fact>
        <Fact name="Owns" hint="Share of all buckets whose first replica it is">
          <Figure of={formatShare(report.ownership)} />
        </Fact>
        <Fact name="Weight">{report.weight ?? '–'}</Fact>
        <Fact name="Incarnation" hint="Raised by the node to refute a suspicion">
          {report.incarnation ?? '–'}
        </Fact>
        <Fact name="Heard">{report.observedAt === null ? 'never' : <Moment at={report.observedAt} />}</Fact>
      </Facts>
    </Part>
  );
}

function Requests({ report }: { readonly report: NodeReport }) {
  const { stats, counts } = report;
  return (
    <Part title="Requests, over ten seconds">
      <Facts>
        <Fact name="Reads">
          <Figure of={formatRate(stats?.reads?.perSecond ?? null)} />
        </Fact>
        <Fact name="Read p50, p99, p99.9">
          <Latencies of={stats?.reads ?? null} />
        </Fact>
        <Fact name="Writes">
          <Figure of={formatRate(stats?.writes?.perSecond ?? null)} />
        </Fact>
        <Fact name="Write p50, p99, p99.9">
          <Latencies of={stats?.writes ?? null} />
        </Fact>
        <Fact name="Errors" hint="Other than not_found">
          <Figure of={formatRate(stats?.errorsPerSecond ?? null)} />
        </Fact>
        <Fact name="In flight">
          <Figure of={formatCount(counts?.requestsInFlight ?? null)} />
        </Fact>
      </Facts>
    </Part>
  );
}

function Latencies({ of }: { readonly of: NonNullable<NodeReport['stats']>['reads'] }) {
  return (
    <span className="inline-flex flex-wrap justify-end gap-x-2">
      <Figure of={formatMillis(latencyOf(of, 'p50Ms'))} />
      <Figure of={formatMillis(latencyOf(of, 'p99Ms'))} />
      <Figure of={formatMillis(latencyOf(of, 'p999Ms'))} />
    </span>
  );
}

function Machine({ report }: { readonly report: NodeReport }) {
  const { stats, counts } = report;
  return (
    <Part title="Store and process">
      <Facts>
        <Fact name="Keys" hint="Live keys stored here: a replica count">
          <Figure of={formatCount(counts?.keys ?? null)} />
        </Fact>
        <Fact name="Tombstones">
          <Figure of={formatCount(counts?.tombstones ?? null)} />
        </Fact>
        <Fact name="Records" hint="Before the storage engine's compression">
          <Figure of={formatBytes(counts?.recordBytes ?? null)} />
        </Fact>
        <Fact name="Disk used">
          <Figure of={formatBytes(stats?.diskUsedBytes ?? null)} />
        </Fact>
        <Fact name="Disk free">
          <Figure of={formatBytes(stats?.diskFreeBytes ?? null)} />
        </Fact>
        <Fact name="Memory" hint="Resident">
          <Figure of={formatBytes(stats?.rssBytes ?? null)} />
        </Fact>
        <Fact name="CPU" hint="Of one core">
          <Figure of={formatShare(stats?.cpu ?? null)} />
        </Fact>
        <Fact name="Event-loop delay p99">
          <Figure of={formatMillis(stats?.eventLoopDelayP99Ms ?? null)} />
        </Fact>
        <Fact name="Started">{stats === null ? '–' : <Moment at={stats.startedAt} />}</Fact>
        <Fact name="Version">{stats?.version ?? '–'}</Fact>
      </Facts>
    </Part>
  );
}

function Owed({ nodeId }: { readonly nodeId: string }) {
  const hints = useLive((view) => view.state?.hints ?? null);
  const observer = useLive((view) => view.observer);
  const owed = hints?.find((hint) => hint.target === nodeId);
  if (owed === undefined || (owed.pending === 0 && !owed.everything)) return null;
  return (
    <Part title="Owed to it">
      <p>
        {owed.everything ? 'All it holds' : <Figure of={formatCount(owed.pending)} />}
        {owed.everything ? '' : ' keys'}, by the notes of {observer}
      </p>
    </Part>
  );
}

function RecentEvents({ nodeId }: { readonly nodeId: string }) {
  const events = useEvents()
    .filter((event) => event.nodeIds.includes(nodeId))
    .slice(-eventsShown);
  if (events.length === 0) return null;
  return (
    <Part title="Lately">
      <ul className="flex flex-col gap-1 text-12">
        {[...events].reverse().map((event) => (
          <li key={event.eventId} className="flex gap-2">
            <span className="shrink-0 text-muted">
              <Moment at={event.at} as="clock" />
            </span>
            <span>{event.message}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}
