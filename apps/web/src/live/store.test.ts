import type { LiveMessage, LiveState, NodeReport } from '@starling/api-types';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveLimits } from './limits.ts';
import { LiveStore } from './store.ts';

function node(nodeId: string, at: number, change: Partial<NodeReport> = {}): NodeReport {
  return {
    nodeId,
    address: `127.0.0.1:${8080 + Number(nodeId.at(-1))}`,
    liveness: 'alive',
    incarnation: 0,
    ringStatus: 'normal',
    zone: 'default',
    weight: 1,
    ownership: 0.5,
    stats: null,
    counts: { keys: 5, tombstones: 0, recordBytes: 0, hints: 0, requestsInFlight: 0 },
    observedAt: at,
    ...change,
  };
}

function snapshot(at: number, nodes: NodeReport[]): LiveMessage {
  const state: LiveState = {
    clusterId: '00aa',
    health: { verdict: 'healthy', summary: 'all well', reasons: [], observedAt: at },
    members: [],
    ring: null,
    nodes,
    transfers: [],
    hints: [],
    events: [],
  };
  return { type: 'snapshot', sequence: 0, observer: 'node-1', at, state };
}

const said = (message: LiveMessage) => JSON.stringify(message);

describe('the live store', () => {
  let store: LiveStore;
  let shown = 0;
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
    shown = 0;
    store = new LiveStore({
      now: Date.now,
      after: (ms, callback) => setTimeout(callback, ms),
      secure: false,
    });
    store.subscribe(() => {
      shown += 1;
    });
  });
  afterEach(() => vi.useRealTimers());

  it('shows a burst of messages once', () => {
    store.ingest(said(snapshot(Date.now(), [node('node-1', Date.now())])));
    for (let sequence = 1; sequence < 100; sequence++) {
      const nodes = [node('node-1', Date.now(), { ownership: sequence / 100 })];
      store.ingest(said({ type: 'nodes', sequence, observer: 'node-1', at: Date.now(), nodes }));
    }
    expect(shown).toBe(0);
    vi.advanceTimersByTime(liveLimits.publishMs);
    expect(shown).toBe(1);
    expect(store.view().state?.nodes[0]?.ownership).toBe(0.99);
  });

  it('drops a part that comes before any snapshot', () => {
    store.ingest(said({ type: 'nodes', sequence: 3, observer: 'node-1', at: 0, nodes: [] }));
    vi.advanceTimersByTime(liveLimits.publishMs);
    expect(store.view().state).toBeNull();
  });

  it('stands still while paused, counts what it misses, and catches up when resumed', () => {
    store.ingest(said(snapshot(Date.now(), [node('node-1', Date.now())])));
    vi.advanceTimersByTime(liveLimits.publishMs);
    store.pause();
    const before = store.view().state;
    const nodes = [node('node-1', Date.now(), { liveness: 'dead' })];
    store.ingest(said({ type: 'nodes', sequence: 1, observer: 'node-1', at: Date.now(), nodes }));
    vi.advanceTimersByTime(liveLimits.publishMs);
    expect(store.view().state).toBe(before);
    expect(store.view().paused).toMatchObject({ missed: 1 });
    store.setStatus({ phase: 'connecting', since: Date.now(), trying: [] });
    expect(store.view().status.phase).toBe('connecting');
    store.resume();
    expect(store.view().state?.nodes[0]?.liveness).toBe('dead');
    expect(store.view().paused).toBeNull();
  });

  it('says what it could not read and keeps what it had', () => {
    store.ingest(said(snapshot(Date.now(), [node('node-1', Date.now())])));
    store.ingest('{"type":"nodes","sequence":"1"}');
    vi.advanceTimersByTime(liveLimits.publishMs);
    expect(store.view().unreadable).toMatch(/did not fit the contract/);
    expect(store.view().state?.nodes).toHaveLength(1);
    store.ingest('not json');
    vi.advanceTimersByTime(liveLimits.publishMs);
    expect(store.view().unreadable).toMatch(/not JSON/);
  });

  it('learns where the other nodes are, the living first, never the dead', () => {
    const nodes = [
      node('node-1', 0, { liveness: 'dead' }),
      node('node-2', 0, { liveness: 'suspect' }),
      node('node-3', 0),
      node('node-4', 0, { address: null }),
    ];
    store.ingest(said(snapshot(0, nodes)));
    expect(store.learnedOrigins()).toEqual(['http://127.0.0.1:8083', 'http://127.0.0.1:8082']);
  });

  it('draws no figure that is only repeated', () => {
    const heard = Date.now();
    const second = Math.floor(heard / 1000);
    store.ingest(said(snapshot(heard, [node('node-1', heard)])));
    vi.advanceTimersByTime(20_000);
    store.ingest(said(snapshot(Date.now(), [node('node-1', heard)])));
    expect(store.history.read('node-1', 'keys', second, second + 20)).toEqual([5, ...Array(20).fill(null)]);
  });
});
