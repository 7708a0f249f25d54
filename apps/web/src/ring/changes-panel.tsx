'use client';

import type { TransferReport } from '@starling/api-types';
import { useState } from 'react';
import { formatBytes, formatRate, formatShare, textOf, wholeText } from '../format/quantity.ts';
import { formatSpan } from '../format/time.ts';
import { useEvents } from '../live/use-live.ts';
import { useNow } from '../live/use-now.ts';
import { NodeName, useNodeColour } from '../nodes/node-name.tsx';
import { EventList } from '../overview/event-list.tsx';
import { Figure } from '../ui/figure.tsx';

import { Panel } from '../ui/panel.tsx';
import { Progress } from '../ui/progress.tsx';
import { type FirstSight, FirstSights, progressOf, transferId } from './progress.ts';
import type { RingScene } from './ring-scene.ts';

const eventsShown = 6;

/** What moves now, and what changed lately. */
export function ChangesPanel({ scene }: { readonly scene: RingScene }) {
  const events = useEvents().filter((event) => event.kind === 'ring' || event.kind === 'transfer');
  const [sights] = useState(() => new FirstSights());
  sights.look(scene.transfers, Date.now());
  const joining = scene.ring.nodes.filter((node) => node.status === 'joining');
  const pending = scene.ring.vnodes.filter((vnode) => vnode.pending).length;
  const still = scene.transfers.length === 0 && joining.length === 0;
  return (
    <Panel
      title="Changes"
      headingId="changes"
      aside={still ? 'the ring stands still' : `${pending} tokens pending`}
    >
      {still ? null : (
        <div className="flex flex-col gap-3 px-3 pb-3">
          {joining.map((node) => (
            <p key={node.nodeId}>
              <NodeName nodeId={node.nodeId} /> is joining: {node.tokens} tokens wait outside the ring until
              their data has arrived.
            </p>
          ))}
          {scene.transfers.map((transfer) => (
            <Transfer key={transferId(transfer)} transfer={transfer} first={sights.of(transfer)} />
          ))}
        </div>
      )}
      {still && events.length === 0 ? (
        <p className="px-3 pb-3 text-muted">
          A node started with <code className="font-mono text-12">--seed-node</code> joins by itself, and
          shows here as its tokens and data arrive.
        </p>
      ) : null}
      {events.length === 0 ? null : <EventList events={events.slice(-eventsShown)} />}
    </Panel>
  );
}

function Transfer({
  transfer,
  first,
}: {
  readonly transfer: TransferReport;
  readonly first: FirstSight | null;
}) {
  const colour = useNodeColour();
  const { share, etaMs, bytesPerSecond } = progressOf(transfer, first, useNow('half'));
  const { nodeId, kind, bucketsDone, bucketsTotal, bytes } = transfer;
  const label = kind === 'join' ? 'takes its share over' : 'takes back what it may have lost';
  return (
    <div className="flex flex-col gap-1" data-testid="transfer">
      <p className="flex flex-wrap items-center gap-x-2">
        <NodeName nodeId={nodeId} /> {label}
        <span className="num ml-auto text-12 text-muted">
          {textOf(formatShare(share))}
          {etaMs === null ? '' : `, about ${formatSpan(etaMs)} left`}
        </span>
      </p>
      <Progress label={`${nodeId} ${label}`} share={share} colour={colour(nodeId)} />
      <p className="num text-12 text-muted">
        {wholeText(bucketsDone)} of {wholeText(bucketsTotal)} buckets, <Figure of={formatBytes(bytes)} />
        {bytesPerSecond === null ? null : <> at {ratePerSecond(bytesPerSecond)}</>}
      </p>
    </div>
  );
}

function ratePerSecond(bytesPerSecond: number): string {
  return bytesPerSecond < 1 ? textOf(formatRate(0)) : `${textOf(formatBytes(bytesPerSecond))}/s`;
}
