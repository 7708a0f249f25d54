'use client';

import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { formatRatio, formatShare, textOf, wholeText } from '../format/quantity.ts';
import { useUrlState } from '../frame/use-url-state.ts';
import { useSelection } from '../inspector/selection.ts';
import { NodeName } from '../nodes/node-name.tsx';
import { Panel } from '../ui/panel.tsx';
import { ChangesPanel } from './changes-panel.tsx';
import { type Arc, arcIndexOf, ownedArcs, ownershipSkew } from './geometry.ts';
import { Lens } from './lens.tsx';
import { LookupForm } from './lookup-form.tsx';
import { NoRing } from './no-ring.tsx';
import { OwnershipTable } from './ownership-table.tsx';
import { RingFigure } from './ring-figure.tsx';
import type { RingScene, ScenePlace } from './ring-scene.ts';
import { RingWalker } from './ring-walker.tsx';
import { type PlacementAnswer, usePlacement } from './use-placement.ts';
import { useScene } from './use-scene.ts';
import { VnodeTable } from './vnode-table.tsx';

/** Who owns what, where a key lives, and what moves. */
export function RingPage() {
  const [search] = useUrlState();
  const [selection] = useSelection();
  const answer = usePlacement(search.get('key') ?? '');
  const scene = useScene({
    emphasis: search.get('node'),
    token: selection?.kind === 'vnode' ? selection.token : null,
    place: placeOf(answer),
  });
  return (
    <>
      <h1 className="sr-only">Ring</h1>
      {scene === null ? <NoRing /> : <RingOf scene={scene} answer={answer} />}
    </>
  );
}

function placeOf({ placement }: PlacementAnswer): ScenePlace | null {
  if (placement === null) return null;
  const { key, bucket, preferenceList, pending } = placement;
  return { key, bucket, replicas: preferenceList, pending };
}

function RingOf({ scene, answer }: { readonly scene: RingScene; readonly answer: PlacementAnswer }) {
  const [, change] = useUrlState();
  const [, inspect] = useSelection();
  const [hovered, setHovered] = useState<number | null>(null);
  const arcs = useMemo(() => ownedArcs(scene.ring), [scene.ring]);
  const mark = useCallback((token: number) => inspect({ kind: 'vnode', token }), [inspect]);
  const emphasise = useCallback((node: string | null) => change({ node }), [change]);
  const centre = hovered ?? scene.place?.bucket ?? scene.token ?? 0;
  return (
    <div className="grid gap-3 lg:grid-cols-[minmax(0,1.35fr)_minmax(20rem,1fr)] sm:gap-4">
      <Panel
        title="The ring"
        headingId="the-ring"
        className="self-start"
        aside={<RingSummary scene={scene} />}
      >
        <div className="px-3 pb-3">
          <RingFigure
            scene={scene}
            className="mx-auto w-full max-w-[min(72dvh,56rem)]"
            centre={
              <Centre scene={scene} arc={hovered === null ? undefined : arcs[arcIndexOf(arcs, hovered)]} />
            }
            overlay={
              <RingWalker
                ring={scene.ring}
                arcs={arcs}
                token={scene.token}
                onHover={setHovered}
                onMark={mark}
              />
            }
          />
          <Lens scene={scene} arcs={arcs} centre={centre} onMark={mark} />
        </div>
      </Panel>
      <div className="flex min-w-0 flex-col gap-3 sm:gap-4">
        <Panel title="Where a key lives" headingId="where-a-key-lives">
          <LookupForm answer={answer} />
        </Panel>
        <Panel title="Ownership" headingId="ownership" aside={<Skew scene={scene} />}>
          <OwnershipTable scene={scene} onEmphasis={emphasise} />
        </Panel>
        <ChangesPanel scene={scene} />
      </div>
      <Panel title="Vnodes" headingId="vnodes" className="lg:col-span-2" aside={<VnodeCount scene={scene} />}>
        <VnodeTable scene={scene} arcs={arcs} onMark={mark} />
      </Panel>
    </div>
  );
}

function RingSummary({ scene: { ring } }: { readonly scene: RingScene }) {
  return (
    <span className="num">
      epoch {ring.epoch}, {wholeText(ring.virtualNodes)} vnodes of {ring.physicalNodes}{' '}
      {ring.physicalNodes === 1 ? 'node' : 'nodes'}
    </span>
  );
}

function Skew({ scene }: { readonly scene: RingScene }) {
  const skew = ownershipSkew(scene.ring);
  return skew === null ? null : (
    <span className="num" title="Largest share over the mean share; 1 is perfectly even">
      max/mean {textOf(formatRatio(skew))}
    </span>
  );
}

function VnodeCount({ scene }: { readonly scene: RingScene }) {
  if (scene.emphasis === null) return <>pressing a node above shows only its own</>;
  return (
    <>
      only those of <NodeName nodeId={scene.emphasis} />
    </>
  );
}

/** The middle of the ring: what the pointer is on, else how copies are kept. */
function Centre({ scene, arc }: { readonly scene: RingScene; readonly arc: Arc | undefined }): ReactNode {
  if (arc !== undefined) {
    return (
      <div className="num text-12 text-muted">
        <NodeName nodeId={arc.vnode.nodeId} className="text-13 text-text" />
        <p>token {arc.vnode.token}</p>
        <p>{textOf(formatShare(arc.vnode.buckets / scene.ring.buckets))} of the ring</p>
      </div>
    );
  }
  const copies = Math.min(scene.ring.replicas, scene.ring.physicalNodes);
  return (
    <div className="text-12 text-muted">
      <p className="num text-28 text-text">{copies}</p>
      <p>{copies === 1 ? 'copy of each key' : 'copies of each key'}</p>
      {copies < scene.ring.replicas ? <p>{scene.ring.replicas} with more nodes</p> : null}
    </div>
  );
}
