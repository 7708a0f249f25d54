import type { HealthReason } from '@starling/api-types';
import { describe, expect, it } from 'vitest';
import { conditionOf } from './condition.ts';
import { nodeReport } from './node-report.test-kit.ts';

const report = nodeReport('node-1');

const recovering: HealthReason = {
  code: 'node_recovering',
  severity: 'warning',
  message: 'node-1 is recovering',
  subject: { kind: 'node', id: 'node-1' },
};

describe('the condition of a node', () => {
  it('is its liveness unless it lives', () => {
    for (const liveness of ['suspect', 'dead', 'left'] as const) {
      expect(conditionOf({ ...report, liveness, ringStatus: 'joining' }, [recovering])).toBe(liveness);
    }
    expect(conditionOf({ ...report, liveness: 'unknown' }, [])).toBe('unheard');
  });

  it('is what keeps a living node from serving', () => {
    expect(conditionOf(report, [])).toBe('alive');
    expect(conditionOf({ ...report, ringStatus: 'joining' }, [])).toBe('joining');
    expect(conditionOf({ ...report, ringStatus: 'leaving' }, [])).toBe('leaving');
    expect(conditionOf(report, [recovering])).toBe('recovering');
    expect(conditionOf({ ...report, nodeId: 'node-2' }, [recovering])).toBe('alive');
  });
});
