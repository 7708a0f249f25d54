import type { NodeReport } from '@starling/api-types';

/** What is known of a node that is well, changed where a test says so. */
export function nodeReport(nodeId: string, change: Partial<NodeReport> = {}): NodeReport {
  return {
    nodeId,
    address: null,
    liveness: 'alive',
    incarnation: 0,
    ringStatus: 'normal',
    zone: null,
    weight: null,
    ownership: 0,
    stats: null,
    counts: null,
    observedAt: null,
    ...change,
  };
}
