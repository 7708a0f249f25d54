import type { NodeId } from '../base/ids.ts';
import type { ExplainStep } from './request.ts';

interface Step extends Omit<ExplainStep, 'answeredUs' | 'result' | 'closedQuorum'> {
  answeredUs: number | null;
  result: string;
  closedQuorum: boolean;
}

/** Collects what one request asked of whom, and what came back when. Kept for every request: failures tell it too. */
export class ExplainTrace {
  readonly #startMs: number;
  readonly steps: Step[] = [];

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Microseconds since the request began. */
  elapsedUs(nowMs: number): number {
    return Math.round((nowMs - this.#startMs) * 1000);
  }

  asked(replica: NodeId, phase: ExplainStep['phase'], nowMs: number): Step {
    const step: Step = {
      replica,
      phase,
      sentUs: this.elapsedUs(nowMs),
      answeredUs: null,
      result: 'waiting',
      closedQuorum: false,
    };
    this.steps.push(step);
    return step;
  }

  /** What each replica last said, for the message of a failed quorum. */
  verdicts(): Record<string, string> {
    const verdicts: Record<string, string> = {};
    for (const step of this.steps)
      verdicts[step.replica] = step.result === 'waiting' ? 'no answer' : step.result;
    return verdicts;
  }
}

export type TraceStep = Step;
