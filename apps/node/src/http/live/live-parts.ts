import type { Health, RingView } from '@starling/api-types';
import type { Ring } from '@starling/core';
import { hintsOf, memberViews, nodeReports, transfersOf } from '../../service/cluster-views.ts';
import { healthOf } from '../../service/health.ts';
import type { NodeInspection } from '../../service/machine-port.ts';
import { ringView } from '../../service/ring-view.ts';

/** The parts of the live state, each as the JSON text that is sent. Equal texts mean that nothing changed. */
export interface LiveParts {
  readonly clusterId: string;
  readonly members: string;
  readonly ring: string;
  readonly nodes: string;
  readonly transfers: string;
  readonly hints: string;
  readonly health: string;
  /** What of the health must differ for it to be news: not the time of looking. */
  readonly healthKey: string;
}

export function livePartsOf(view: NodeInspection, wallMs: number): LiveParts {
  const health: Health = healthOf(view, wallMs);
  return {
    clusterId: JSON.stringify(view.ring?.doc.clusterId ?? null),
    members: JSON.stringify(memberViews(view)),
    ring: view.ring === null ? 'null' : ringText(view.ring),
    nodes: JSON.stringify(nodeReports(view)),
    transfers: JSON.stringify(transfersOf(view)),
    hints: JSON.stringify(hintsOf(view)),
    health: JSON.stringify(health),
    healthKey: JSON.stringify([health.verdict, health.reasons]),
  };
}

const ringTexts = new WeakMap<RingView, string>();

/** The largest part by far, and the one that changes least: written once per epoch. */
function ringText(ring: Ring): string {
  const view = ringView(ring);
  const known = ringTexts.get(view);
  if (known !== undefined) return known;
  const text = JSON.stringify(view);
  ringTexts.set(view, text);
  return text;
}
