import type { ExplainReport } from '@starling/api-types';

export type ExplainStep = ExplainReport['steps'][number];

/** What each phase of a request is for. */
export const phaseMeaning: Readonly<Record<ExplainStep['phase'], string>> = {
  clock: 'asked for its clock, so that the write is above all that is known',
  read: 'asked for its record',
  store: 'given the new record to keep durably',
  'write-back': 'given the merged record before the answer, so that later reads agree',
  hedge: 'asked as well, because another was slow',
  repair: 'given the merged record after the answer',
  forward: 'handed the request, because the node that received it is no replica',
  prepare: 'asked for a promise and for what it holds, because the value is agreed on',
  accept: 'given the value that is agreed on',
};

/** Dashes that tell the phases apart on the drawing; empty is a full line. */
export const phaseDash: Readonly<Record<ExplainStep['phase'], string>> = {
  clock: '2 4',
  read: '',
  store: '',
  'write-back': '7 4',
  hedge: '7 3 2 3',
  repair: '2 3',
  forward: '',
  prepare: '2 4',
  accept: '',
};

/** A step with its place in the order of answers and how long it took. */
export interface AnsweredStep extends ExplainStep {
  /** 1 for the first answer of all; null where none came. */
  readonly order: number | null;
  readonly tookUs: number | null;
}

/** The steps in the order in which they were sent, each with the order in which it was answered. */
export function answeredSteps(explain: ExplainReport): readonly AnsweredStep[] {
  const answers = explain.steps
    .filter((step) => step.answeredUs !== null)
    .sort((one, other) => (one.answeredUs ?? 0) - (other.answeredUs ?? 0));
  return [...explain.steps]
    .sort((one, other) => one.sentUs - other.sentUs)
    .map((step) => {
      const place = answers.indexOf(step);
      return {
        ...step,
        order: place < 0 ? null : place + 1,
        tookUs: step.answeredUs === null ? null : step.answeredUs - step.sentUs,
      };
    });
}

/** True where the replica's answer counted. */
export function isOk(step: ExplainStep): boolean {
  return step.result === 'ok';
}

/** The last moment the time line must reach: the request's own end, or a later answer. */
export function lastMomentUs(explain: ExplainReport): number {
  return explain.steps.reduce(
    (last, step) => Math.max(last, step.answeredUs ?? 0),
    Math.max(1, explain.totalUs),
  );
}

/** One sentence for screen readers and for the head of the panel. */
export function explainSentence(explain: ExplainReport): string {
  const closing = explain.steps.filter((step) => step.closedQuorum).at(-1);
  const via = explain.forwardedBy === null ? '' : `${explain.forwardedBy} is no replica and handed it on. `;
  const asked = new Set(explain.steps.map((step) => step.replica)).size;
  // A request that failed before it needed anybody reports none.
  const needed = explain.needed === 0 ? '' : ` and needed ${explain.needed}`;
  const end =
    closing === undefined
      ? 'The quorum was not reached.'
      : `The answer of ${closing.replica} closed the quorum.`;
  return `${via}${explain.coordinator} coordinated, asked ${asked} of ${explain.replicas.length + explain.pending.length} replicas${needed}. ${end}`;
}
