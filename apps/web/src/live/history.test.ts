import type { NodeReport } from '@starling/api-types';
import { describe, expect, it } from 'vitest';
import { nodeReport } from '../nodes/node-report.test-kit.ts';
import { History } from './history.ts';
import { liveLimits } from './limits.ts';

function report(nodeId: string, keys: number): NodeReport {
  const counts = { keys, tombstones: 0, recordBytes: 0, hints: 0, requestsInFlight: 0 };
  return nodeReport(nodeId, { counts, observedAt: 0 });
}

describe('history', () => {
  it('gives back what was heard, by the second', () => {
    const history = new History();
    for (let second = 100; second < 105; second++) history.record(second, report('node-1', second));
    expect(history.read('node-1', 'keys', 101, 103)).toEqual([101, 102, 103]);
  });

  it('bridges the time between two reports, and keeps a silence as a gap', () => {
    const history = new History();
    history.record(100, report('node-1', 1));
    history.record(102, report('node-1', 2));
    history.record(110, report('node-1', 3));
    expect(history.read('node-1', 'keys', 100, 103)).toEqual([1, 1, 2, null]);
    expect(history.read('node-1', 'keys', 103, 110).slice(0, 7)).toEqual(Array(7).fill(null));
    expect(history.read('node-1', 'keys', 110, 110)).toEqual([3]);
  });

  it('knows nothing of a figure nobody measured, which is not zero', () => {
    const history = new History();
    history.record(100, report('node-1', 0));
    expect(history.read('node-1', 'cpu', 100, 100)).toEqual([null]);
    expect(history.read('node-1', 'keys', 100, 100)).toEqual([0]);
    expect(history.read('nobody', 'keys', 100, 100)).toEqual([null]);
  });

  it('forgets what is older than its bound and never shows it again as new', () => {
    const history = new History();
    history.record(1000, report('node-1', 7));
    const later = 1000 + liveLimits.historySeconds;
    history.record(later, report('node-1', 8));
    expect(history.read('node-1', 'keys', 1000, 1000)).toEqual([null]);
    expect(history.read('node-1', 'keys', 1001, later)).toEqual([
      ...Array(liveLimits.historySeconds - 1).fill(null),
      8,
    ]);
    history.record(later + 5 * liveLimits.historySeconds, report('node-1', 9));
    expect(history.read('node-1', 'keys', later, later + 10).every((value) => value === null)).toBe(true);
  });

  it('keeps a bounded number of nodes, those heard last', () => {
    const history = new History();
    for (let each = 0; each <= liveLimits.historyNodesMax; each++) {
      history.record(1000 + each, report(`node-${each}`, 1));
    }
    expect(history.nodeIds()).toHaveLength(liveLimits.historyNodesMax);
    expect(history.nodeIds()).not.toContain('node-0');
    expect(history.nodeIds()).toContain(`node-${liveLimits.historyNodesMax}`);
  });
});
