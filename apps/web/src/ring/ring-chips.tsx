'use client';

import { formatMicros, formatShare, textOf } from '../format/quantity.ts';
import { useSelection } from '../inspector/selection.ts';
import type { Condition } from '../nodes/condition.ts';
import { ConditionGlyph } from '../nodes/condition-mark.tsx';
import { NodeName } from '../nodes/node-name.tsx';
import { cn } from '../ui/cn.ts';
import { answeredSteps } from './explain-flow.ts';
import type { Point } from './geometry.ts';
import { band } from './ring-band.ts';
import type { RingScene } from './ring-scene.ts';

interface RingChipsProps {
  readonly scene: RingScene;
  readonly places: ReadonlyMap<string, Point>;
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly compact: boolean;
}

/** The nodes inside the ring, each with its part in what is drawn. Pressing one inspects it. */
export function RingChips({ scene, places, conditions, compact }: RingChipsProps) {
  const [, inspect] = useSelection();
  return [...places].map(([nodeId, point]) => {
    const condition = conditions.get(nodeId) ?? 'unheard';
    const notes = notesOf(scene, nodeId);
    const central = scene.explain?.coordinator === nodeId;
    return (
      <button
        key={nodeId}
        type="button"
        onClick={() => inspect({ kind: 'node', nodeId })}
        aria-label={[nodeId, condition, ...notes].join(', ')}
        className={cn(
          'absolute flex max-w-[34%] -translate-x-1/2 -translate-y-1/2 flex-col items-start rounded-md border border-line-strong bg-surface px-2 py-1 text-left transition-[left,top] duration-200 hover:border-accent',
          central && 'border-2 border-text',
          compact && 'px-1.5 py-0.5',
        )}
        style={{ left: percent(point.x), top: percent(point.y) }}
      >
        <span className="flex max-w-full items-center gap-1.5">
          <NodeName nodeId={nodeId} />
          <ConditionGlyph condition={condition} />
        </span>
        {notes.map((note) => (
          <span key={note} className="num max-w-full truncate text-12 text-muted">
            {note}
          </span>
        ))}
      </button>
    );
  });
}

function percent(coordinate: number): string {
  return `${50 + (coordinate / (2 * band.half)) * 100}%`;
}

/** What a node does in the scene, in a few words each. */
function notesOf(scene: RingScene, nodeId: string): readonly string[] {
  if (scene.explain !== null) return explainNotes(scene, nodeId);
  if (scene.place !== null) {
    const place = scene.place.replicas.indexOf(nodeId);
    if (place >= 0) return [place === 0 ? 'first replica' : `replica ${place + 1}`];
    return scene.place.pending.includes(nodeId) ? ['replica to be'] : [];
  }
  const condition = scene.nodes.find((node) => node.nodeId === nodeId)?.condition;
  const owner = scene.ring.nodes.find((node) => node.nodeId === nodeId);
  const share = owner === undefined ? 'owns nothing' : `owns ${textOf(formatShare(owner.ownership))}`;
  return condition === undefined || condition === 'alive' ? [share] : [condition, share];
}

function explainNotes({ explain }: RingScene, nodeId: string): readonly string[] {
  if (explain === null) return [];
  const role =
    explain.coordinator === nodeId ? ['coordinator'] : explain.forwardedBy === nodeId ? ['received it'] : [];
  const steps = answeredSteps(explain).filter((step) => step.replica === nodeId);
  const answers = steps.map((step) => {
    const mark = step.closedQuorum ? ' ✓' : '';
    const said =
      step.tookUs === null || step.result !== 'ok' ? step.result : textOf(formatMicros(step.tookUs));
    return `${step.phase} ${said}${mark}`;
  });
  const idle = steps.length === 0 && role.length === 0 && explain.replicas.includes(nodeId);
  return idle ? ['not asked'] : [...role, ...answers];
}
