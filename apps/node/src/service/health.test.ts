import type { NodeId } from '@starling/core';
import { describe, expect, test } from 'vitest';
import { SingleCopyMachine } from '../../test/single-copy-machine.ts';
import { healthOf } from './health.ts';
import type { NodeInspection } from './machine-port.ts';

const machine = new SingleCopyMachine();
const self = machine.view();
const ids = ['node-1', 'node-2', 'node-3'];

function clusterWith(
  changes: Partial<NodeInspection>,
  statuses: readonly ('alive' | 'suspect' | 'dead' | 'left')[],
): NodeInspection {
  const members = ids.flatMap((id, i) =>
    self.members.map((member) => ({ ...member, nodeId: id as NodeId, status: statuses[i] ?? 'alive' })),
  );
  return { ...self, ring: machine.ringOf(ids), members, ...changes };
}

function told(view: NodeInspection) {
  const { verdict, reasons } = healthOf(view, machine.now().wall);
  return { verdict, codes: reasons.map((reason) => reason.code) };
}

const alive = ['alive', 'alive', 'alive'] as const;

describe('the verdict', () => {
  test('is healthy while nothing is wrong', () => {
    expect(told(clusterWith({}, alive))).toEqual({ verdict: 'healthy', codes: [] });
  });

  test('is degraded while one of three is dead: the next failure would cost', () => {
    expect(told(clusterWith({}, ['alive', 'alive', 'dead']))).toEqual({
      verdict: 'degraded',
      codes: ['node_dead'],
    });
  });

  test('is critical when keys have no quorum', () => {
    const { verdict, codes } = told(clusterWith({}, ['alive', 'dead', 'dead']));
    expect([verdict, codes[0]]).toEqual(['critical', 'quorum_lost']);
  });

  test('is not lowered by work that goes on', () => {
    const hints = [{ target: 'node-2' as NodeId, pending: 5, everything: false }];
    const transfer = {
      kind: 'join',
      bucketsDone: 1,
      bucketsTotal: 2,
      bytes: 3,
      etaMs: null,
      obstacle: null,
    } as const;
    const expected = { verdict: 'healthy', codes: ['hints_pending', 'transfer_running'] };
    expect(told(clusterWith({ hints, transfer }, alive))).toEqual(expected);
  });

  test('is critical on a full disk, a failed store, and without a ring', () => {
    const { storage } = self;
    expect(told(clusterWith({ storage: { ...storage, diskLow: true } }, alive)).verdict).toBe('critical');
    expect(told(clusterWith({ storage: { ...storage, failed: true } }, alive)).verdict).toBe('critical');
    expect(told(clusterWith({ ring: null }, alive)).verdict).toBe('critical');
  });
});

test('figures that are old, and loops that are late, are said with their node', () => {
  const wall = machine.now().wall;
  const stats = {
    version: '',
    startedAt: 0,
    reads: null,
    writes: null,
    errorsPerSecond: null,
    rssBytes: null,
    heapBytes: null,
    cpu: null,
    eventLoopDelayP99Ms: 400,
    diskUsedBytes: null,
    diskFreeBytes: null,
  };
  const counts = { keys: 0, tombstones: 0, recordBytes: 0, hints: 0, requestsInFlight: 0 };
  const reports = [
    { nodeId: 'node-1' as NodeId, stats, counts, transfer: null, observedAt: wall },
    { nodeId: 'node-2' as NodeId, stats, counts, transfer: null, observedAt: wall - 60_000 },
  ];
  const { reasons } = healthOf(clusterWith({ reports }, alive), wall);
  expect(reasons.map((reason) => [reason.code, reason.subject.id])).toEqual([
    ['event_loop_slow', 'node-1'],
    ['node_unheard', 'node-2'],
  ]);
});

test('every reason has a sentence and a culprit', () => {
  const { reasons, summary } = healthOf(clusterWith({}, ['alive', 'suspect', 'left']), machine.now().wall);
  expect(reasons.length).toBe(2);
  for (const reason of reasons)
    expect([reason.message.length > 5, reason.subject.id.length > 0]).toEqual([true, true]);
  expect(summary).toBe('node-2 does not answer, and 1 more');
});
