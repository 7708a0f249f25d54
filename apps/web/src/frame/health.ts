import type { Health } from '@starling/api-types';
import type { LiveView } from '../live/store.ts';

export type Tone = 'ok' | 'warn' | 'bad' | 'muted';

/** What the health line says. */
export interface HealthSummary {
  readonly tone: Tone;
  /** One word. */
  readonly word: string;
  readonly sentence: string;
}

const words: Readonly<Record<Health['verdict'], { readonly tone: Tone; readonly word: string }>> = {
  healthy: { tone: 'ok', word: 'Healthy' },
  degraded: { tone: 'warn', word: 'Degraded' },
  critical: { tone: 'bad', word: 'Critical' },
};

/** The health as the observer gives it; without an observer nothing is known, which is not health. */
export function healthSummary(view: LiveView): HealthSummary {
  if (view.state === null) {
    const searching = view.status.phase !== 'live';
    return {
      tone: 'muted',
      word: 'Unknown',
      sentence: searching ? 'no node has answered yet' : 'waiting for the first view',
    };
  }
  const { health } = view.state;
  if (view.status.phase !== 'live') {
    return { tone: 'warn', word: 'Stale', sentence: `last heard: ${health.summary}` };
  }
  return { ...words[health.verdict], sentence: health.summary };
}

/** Changes when the state of things does, but not with the figures inside the sentences. */
export function healthFingerprint(health: Health): string {
  const reasons = health.reasons.map((reason) => `${reason.code}:${reason.subject.id}`).sort();
  return [health.verdict, ...reasons].join(' ');
}
