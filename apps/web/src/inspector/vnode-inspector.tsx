'use client';

import { ArrowLeft, ArrowRight } from 'lucide-react';
import { useMemo } from 'react';
import { formatShare, wholeText } from '../format/quantity.ts';
import { NodeName } from '../nodes/node-name.tsx';
import { ownedArcs } from '../ring/geometry.ts';
import { useRing } from '../ring/use-scene.ts';
import { Button } from '../ui/button.tsx';
import { Figure } from '../ui/figure.tsx';
import { Fact, Facts } from './facts.tsx';
import { useSelection } from './selection.ts';

/** First hash of a bucket, as 16 hex digits: the bucket is the top 16 bits. */
function hashOf(bucket: number, low: string): string {
  return `${bucket.toString(16).padStart(4, '0')}${low.repeat(12)}`;
}

export function VnodeInspector({ token }: { readonly token: number }) {
  const ring = useRing();
  const [, inspect] = useSelection();
  const arcs = useMemo(() => (ring === null ? [] : ownedArcs(ring)), [ring]);
  const at = arcs.findIndex((arc) => arc.vnode.token === token);
  const arc = arcs[at];
  if (ring === null || arc === undefined) {
    return <p className="text-muted">No vnode of this ring has the token {token}.</p>;
  }
  const go = (step: number) => () => {
    const next = arcs[(at + step + arcs.length) % arcs.length];
    if (next !== undefined) inspect({ kind: 'vnode', token: next.vnode.token });
  };
  const { nodeId, buckets } = arc.vnode;
  return (
    <>
      <div className="flex items-center justify-between gap-2">
        <button type="button" onClick={() => inspect({ kind: 'node', nodeId })} title={`Inspect ${nodeId}`}>
          <NodeName nodeId={nodeId} className="text-14" />
        </button>
        <span className="flex">
          <Button variant="ghost" size="iconSm" aria-label="Vnode before this one" onClick={go(-1)}>
            <ArrowLeft aria-hidden="true" />
          </Button>
          <Button variant="ghost" size="iconSm" aria-label="Vnode after this one" onClick={go(1)}>
            <ArrowRight aria-hidden="true" />
          </Button>
        </span>
      </div>
      <Facts>
        <Fact name="Token" hint="The last bucket of its arc">
          {token}
        </Fact>
        <Fact name="Buckets">
          {arc.first} to {token}
        </Fact>
        <Fact name="Length">{buckets} buckets</Fact>
        <Fact name="Share of the ring">
          <Figure of={formatShare(buckets / ring.buckets)} />
        </Fact>
        <Fact name="First hash">
          <span className="font-mono text-12">{hashOf(arc.first, '0')}</span>
        </Fact>
        <Fact name="Last hash">
          <span className="font-mono text-12">{hashOf(token, 'f')}</span>
        </Fact>
        <Fact name="Place on the ring">
          {at + 1} of {wholeText(arcs.length)}
        </Fact>
      </Facts>
    </>
  );
}
