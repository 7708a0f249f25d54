import type { NodeReport } from '@starling/api-types';
import { describe, expect, it } from 'vitest';
import { nodeReport } from '../nodes/node-report.test-kit.ts';
import { conditionCounts, largest, latencyOf, nodeRows, total } from './node-rows.ts';

function report(nodeId: string, change: Partial<NodeReport> = {}): NodeReport {
  const counts = { keys: 10, tombstones: 0, recordBytes: 0, hints: 0, requestsInFlight: 0 };
  return nodeReport(nodeId, { counts, observedAt: 100_000, ...change });
}

const keys = (node: NodeReport) => node.counts?.keys ?? null;

describe('rows of nodes', () => {
  it('calls figures stale that were heard too long ago, or never', () => {
    const nodes = [report('a'), report('b', { observedAt: 90_000 }), report('c', { observedAt: null })];
    expect(nodeRows(nodes, [], 101_000).map((row) => row.stale)).toEqual([false, true, true]);
  });

  it('adds up only what is fresh, and says when nothing is', () => {
    const nodes = [report('a'), report('b'), report('c', { observedAt: 1 })];
    expect(total(nodeRows(nodes, [], 101_000), keys)).toBe(20);
    expect(total(nodeRows(nodes, [], 999_000), keys)).toBeNull();
    expect(largest(nodeRows(nodes, [], 999_000), keys)).toBeNull();
    expect(largest(nodeRows([report('a'), report('b', { counts: null })], [], null), keys)).toBe(10);
  });

  it('counts nodes by condition, the gravest first', () => {
    const nodes = [
      report('a'),
      report('b', { liveness: 'dead' }),
      report('c', { liveness: 'suspect' }),
      report('d'),
    ];
    expect(conditionCounts(nodeRows(nodes, [], null))).toEqual([
      ['dead', 1],
      ['suspect', 1],
      ['alive', 2],
    ]);
  });

  it('has no latency where nothing was asked', () => {
    const idle = { perSecond: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0 };
    expect(latencyOf(idle, 'p50Ms')).toBeNull();
    expect(latencyOf({ ...idle, perSecond: 2, p50Ms: 0.5 }, 'p50Ms')).toBe(0.5);
    expect(latencyOf(undefined, 'p99Ms')).toBeNull();
  });
});
