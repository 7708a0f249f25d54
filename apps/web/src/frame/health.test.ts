import type { Health, LiveState } from '@starling/api-types';
import { describe, expect, it } from 'vitest';
import type { LiveView } from '../live/store.ts';
import { healthFingerprint, healthSummary } from './health.ts';

const health: Health = {
  verdict: 'degraded',
  summary: '1 of 3 nodes is dead',
  reasons: [
    {
      code: 'node_dead',
      severity: 'warning',
      message: 'node-2 has been dead for 14 s',
      subject: { kind: 'node', id: 'node-2' },
    },
  ],
  observedAt: 0,
};

function view(change: Partial<LiveView>, verdict: Health['verdict'] = 'healthy'): LiveView {
  const state: LiveState = {
    clusterId: null,
    health: { ...health, verdict },
    members: [],
    ring: null,
    nodes: [],
    transfers: [],
    hints: [],
    events: [],
  };
  return {
    status: { phase: 'live', since: 0, address: 'http://127.0.0.1:8081' },
    observer: 'node-1',
    state,
    heardAt: 0,
    clockOffsetMs: 0,
    paused: null,
    unreadable: null,
    ...change,
  };
}

describe('the health line', () => {
  it('says what the observer says', () => {
    expect(healthSummary(view({}))).toMatchObject({ tone: 'ok', word: 'Healthy' });
    expect(healthSummary(view({}, 'degraded'))).toMatchObject({ tone: 'warn', sentence: health.summary });
    expect(healthSummary(view({}, 'critical'))).toMatchObject({ tone: 'bad' });
  });

  it('never calls health what nobody observes', () => {
    const searching = { phase: 'connecting', since: 0, trying: [] } as const;
    expect(healthSummary(view({ state: null, status: searching }))).toMatchObject({ word: 'Unknown' });
    expect(healthSummary(view({ status: searching }))).toMatchObject({ tone: 'warn', word: 'Stale' });
  });

  it('is announced again only when the state of things changes', () => {
    const later = {
      ...health,
      summary: 'other words',
      reasons: health.reasons.map((reason) => ({ ...reason, message: 'node-2 has been dead for 15 s' })),
    };
    expect(healthFingerprint(later)).toBe(healthFingerprint(health));
    expect(healthFingerprint({ ...health, reasons: [] })).not.toBe(healthFingerprint(health));
  });
});
