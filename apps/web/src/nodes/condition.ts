import type { HealthReason, NodeReport } from '@starling/api-types';

/** How a node is, in one word: liveness first, then what keeps a living node from being an ordinary one. */
export type Condition =
  | 'alive'
  | 'suspect'
  | 'dead'
  | 'left'
  | 'joining'
  | 'leaving'
  | 'recovering'
  | 'unheard';

/** The condition of a node as the observer's reports have it. */
export function conditionOf(report: NodeReport, reasons: readonly HealthReason[]): Condition {
  if (report.liveness === 'unknown') return 'unheard';
  if (report.liveness !== 'alive') return report.liveness;
  const recovering = reasons.some(
    (reason) => reason.code === 'node_recovering' && reason.subject.id === report.nodeId,
  );
  if (recovering) return 'recovering';
  return report.ringStatus === 'joining' || report.ringStatus === 'leaving' ? report.ringStatus : 'alive';
}

/** What each word means, for hints and the legend. */
export const conditionMeaning: Readonly<Record<Condition, string>> = {
  alive: 'Answers probes and serves requests.',
  suspect: 'Missed probes. It is dead unless it refutes the suspicion in time.',
  dead: 'Did not refute the suspicion. It keeps its share of the ring; others hold hints for it.',
  left: 'Said goodbye and stopped.',
  joining: 'Is taking over its share of the ring.',
  leaving: 'Is handing its share of the ring over.',
  recovering: 'May have lost local history and does not serve until it has caught up.',
  unheard: 'The ring lists it, but the observer has not heard of it yet.',
};

/** Colour token of each condition; the word and the glyph always stand with it. */
export const conditionColour: Readonly<Record<Condition, string>> = {
  alive: 'text-ok',
  suspect: 'text-warn',
  dead: 'text-bad',
  left: 'text-muted',
  joining: 'text-info',
  leaving: 'text-info',
  recovering: 'text-warn',
  unheard: 'text-muted',
};
