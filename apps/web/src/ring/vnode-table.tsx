'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { formatShare } from '../format/quantity.ts';
import { NodeName } from '../nodes/node-name.tsx';
import { Figure } from '../ui/figure.tsx';
import { ScrollArea } from '../ui/scroll-area.tsx';
import type { Arc } from './geometry.ts';
import type { RingScene } from './ring-scene.ts';

const rowPx = 32;

interface VnodeTableProps {
  readonly scene: RingScene;
  readonly arcs: readonly Arc[];
  readonly onMark: (token: number) => void;
}

/** Every vnode as a row: the ring in words. Only the rows in sight exist, so 15 000 scroll like 15. */
export function VnodeTable({ scene, arcs, onMark }: VnodeTableProps) {
  const scroller = useRef<HTMLElement>(null);
  const shown = scene.emphasis === null ? arcs : arcs.filter((arc) => arc.vnode.nodeId === scene.emphasis);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <ScrollArea ref={scroller} label="Vnodes, scrollable" className="h-80">
      <table className="grid-table" aria-label="Vnodes" aria-rowcount={shown.length + 1}>
        <thead className="sticky top-0 z-10 bg-surface">
          <tr aria-rowindex={1}>
            <th scope="col">Token</th>
            <th scope="col">Owner</th>
            <th scope="col">Buckets</th>
            <th scope="col" data-align="right">
              Length
            </th>
            <th scope="col" data-align="right">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          <Spacer height={above} />
          {items.map((item) => {
            const arc = shown[item.index];
            return arc === undefined ? null : (
              <VnodeRow key={arc.vnode.token} arc={arc} index={item.index} scene={scene} onMark={onMark} />
            );
          })}
          <Spacer height={below} />
        </tbody>
      </table>
    </ScrollArea>
  );
}

/** Stands for the rows out of sight. */
function Spacer({ height }: { readonly height: number }) {
  return height <= 0 ? null : <tr style={{ height }} />;
}

interface VnodeRowProps {
  readonly arc: Arc;
  readonly index: number;
  readonly scene: RingScene;
  readonly onMark: (token: number) => void;
}

function VnodeRow({ arc, index, scene, onMark }: VnodeRowProps) {
  const { vnode, first } = arc;
  const marked = vnode.token === scene.token;
  return (
    <tr aria-rowindex={index + 2} data-selected={marked}>
      <td>
        <button
          type="button"
          className="num text-accent hover:underline"
          aria-label={`Inspect the vnode with token ${vnode.token}`}
          onClick={() => onMark(vnode.token)}
        >
          {vnode.token}
        </button>
      </td>
      <td>
        <NodeName nodeId={vnode.nodeId} />
      </td>
      <td className="text-muted">
        {first} to {vnode.token}
      </td>
      <td data-align="right">{vnode.buckets}</td>
      <td data-align="right">
        <Figure of={formatShare(vnode.buckets / scene.ring.buckets)} />
      </td>
    </tr>
  );
}
