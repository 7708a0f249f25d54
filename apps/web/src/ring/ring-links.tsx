'use client';

import type { ExplainReport } from '@starling/api-types';
import { type AnsweredStep, answeredSteps, isOk, lastMomentUs, phaseDash } from './explain-flow.ts';
import { angleOf, type Point, pointAt } from './geometry.ts';
import { band } from './ring-band.ts';
import type { RingScene, ScenePlace } from './ring-scene.ts';

interface RingLinksProps {
  readonly scene: RingScene;
  readonly places: ReadonlyMap<string, Point>;
  readonly colour: (nodeId: string) => string;
}

/** Lines inside the ring: an explained request, else where a key lives, else data on the move. */
export function RingLinks({ scene, places, colour }: RingLinksProps) {
  if (scene.explain !== null) {
    return (
      <ExplainLinks explain={scene.explain} buckets={scene.ring.buckets} places={places} colour={colour} />
    );
  }
  if (scene.place !== null) {
    return <PlaceLinks place={scene.place} buckets={scene.ring.buckets} places={places} colour={colour} />;
  }
  return <TransferLinks scene={scene} places={places} colour={colour} />;
}

type LinkParts<What> = What & Omit<RingLinksProps, 'scene'>;

/** Lines to chips that stand behind one another part, so that each can be followed. */
const placeBends = [0.2, -0.12, 0.05, -0.25, 0.3];

function PlaceLinks({ place, buckets, places, colour }: LinkParts<{ place: ScenePlace; buckets: number }>) {
  const from = pointAt(angleOf(place.bucket + 0.5, buckets), band.inner - 6);
  return (
    <g fill="none" strokeWidth="2">
      {[...place.replicas, ...place.pending].map((nodeId, at) => {
        const to = places.get(nodeId);
        return to === undefined ? null : (
          <path
            key={nodeId}
            d={curve(from, to, placeBends[at % placeBends.length] ?? 0)}
            stroke={colour(nodeId)}
            strokeDasharray={place.pending.includes(nodeId) ? '4 4' : undefined}
          />
        );
      })}
    </g>
  );
}

/** Data flows to a node that takes over from the others that are drawn; which of them send, only it knows. */
function TransferLinks({ scene, places, colour }: RingLinksProps) {
  const living = new Set(scene.nodes.filter((node) => node.condition === 'alive').map((node) => node.nodeId));
  const owners = scene.ring.nodes
    .filter((node) => node.status === 'normal' && living.has(node.nodeId))
    .map((node) => node.nodeId);
  const pairs = scene.transfers.flatMap((transfer) =>
    owners.filter((from) => from !== transfer.nodeId).map((from) => ({ from, to: transfer.nodeId })),
  );
  return (
    <g fill="none" strokeWidth="2.5" strokeLinecap="round">
      {pairs.map(({ from, to }) => {
        const start = places.get(from);
        const end = places.get(to);
        return start === undefined || end === undefined ? null : (
          <path
            key={`${from} ${to}`}
            d={curve(start, end, 0.18)}
            stroke={colour(to)}
            strokeDasharray="1 9"
            className="ring-flow"
          />
        );
      })}
    </g>
  );
}

/** Time on the drawing: the whole request in 200 ms, each line in its share. */
const drawnMs = 200;

function ExplainLinks(props: LinkParts<{ explain: ExplainReport; buckets: number }>) {
  const { explain, buckets, places, colour } = props;
  const steps = answeredSteps(explain);
  const last = lastMomentUs(explain);
  const pin = pointAt(angleOf(explain.bucket + 0.5, buckets), band.inner - 6);
  const home = places.get(explain.coordinator);
  return (
    <g fill="none">
      {home === undefined ? null : (
        <path d={curve(pin, home, 0)} stroke="var(--line-strong)" strokeWidth="1.5" strokeDasharray="1 4" />
      )}
      {steps.map((step) => (
        <StepLink
          key={`${step.replica} ${step.phase} ${step.sentUs}`}
          step={step}
          from={step.phase === 'forward' ? places.get(explain.forwardedBy ?? '') : home}
          to={places.get(step.replica)}
          colour={colour(step.replica)}
          delayMs={(step.sentUs / last) * drawnMs}
          lengthMs={((step.tookUs ?? last - step.sentUs) / last) * drawnMs}
        />
      ))}
    </g>
  );
}

interface StepLinkProps {
  readonly step: AnsweredStep;
  readonly from: Point | undefined;
  readonly to: Point | undefined;
  readonly colour: string;
  readonly delayMs: number;
  readonly lengthMs: number;
}

/** Each phase bends in its own way, so that the lines of two phases do not cover each other. */
const bends: Readonly<Record<AnsweredStep['phase'], number>> = {
  forward: 0.1,
  clock: -0.16,
  read: 0.06,
  store: 0.16,
  'write-back': 0.28,
  hedge: 0.34,
  repair: 0.4,
  prepare: -0.16,
  accept: 0.16,
};

function StepLink({ step, from, to, colour, delayMs, lengthMs }: StepLinkProps) {
  if (from === undefined || to === undefined || from === to) return null;
  const path = curve(from, to, bends[step.phase]);
  const good = isOk(step);
  return (
    <>
      <path
        d={path}
        stroke={good ? colour : 'var(--bad)'}
        strokeWidth={step.closedQuorum ? 3.5 : 2}
        strokeDasharray={good ? phaseDash[step.phase] : '2 5'}
        opacity={good ? 1 : 0.7}
      />
      <path
        d={path}
        pathLength={1}
        stroke="var(--text)"
        strokeWidth="2.5"
        strokeLinecap="round"
        className="ring-travel"
        style={{ animationDelay: `${delayMs}ms`, animationDuration: `${Math.max(30, lengthMs)}ms` }}
      />
    </>
  );
}

/** A quadratic curve between two points, bent sideways by a share of its length, ending before the chips. */
function curve(from: Point, to: Point, bend: number): string {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const control = { x: (from.x + to.x) / 2 - dy * bend, y: (from.y + to.y) / 2 + dx * bend };
  const round = (value: number) => Math.round(value * 10) / 10;
  return `M${round(from.x)} ${round(from.y)}Q${round(control.x)} ${round(control.y)} ${round(to.x)} ${round(to.y)}`;
}
