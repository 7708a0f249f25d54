import { type NodeId, Ring, type TransferProgress } from '@starling/core';
import { planDone, planFirst, planJoin } from '@starling/core/ring/plan.ts';
import { planOperation } from '@starling/core/ring/plan-operation.ts';
import { describe, expect, it } from 'vitest';
import type { NodeInspection } from './machine-port.ts';
import { operationView } from './ring-operation-view.ts';

const joiner = (name: string) => ({ nodeId: name as NodeId, zone: 'z', weight: 1 });
const names = ['a', 'b', 'c', 'd'];
const settled = names
  .slice(1)
  .reduce(
    (doc, name) => planDone(planJoin(doc, joiner(name))!)!,
    planFirst('0123456789abcdef', joiner('a'), 3),
  );
const asked = { id: 'op', plan: '', force: false, state: 'queued', since: 1, reason: '' } as const;
const moving = planOperation(settled, { ...asked, aim: { kind: 'drain', nodeId: 'd' as NodeId } });
if (typeof moving === 'string') throw new Error(moving);
const ring = new Ring(moving);
const operation = moving.operations.at(-1)!;

const going: TransferProgress = {
  kind: 'take',
  bucketsDone: 10,
  bucketsTotal: 20,
  bytes: 300,
  etaMs: 4000,
  obstacle: null,
};

/** What node a knows: who is alive, and what each of the takers last said. */
function told(alive: readonly string[], transfers: Readonly<Record<string, TransferProgress>> = {}) {
  const members = names.map((nodeId) => ({ nodeId, status: alive.includes(nodeId) ? 'alive' : 'dead' }));
  const reports = names.map((nodeId) => ({ nodeId, transfer: transfers[nodeId] ?? null }));
  // Only what the view of an operation looks at.
  const view = { nodeId: 'a', ring, members, reports, transfer: transfers['a'] ?? null };
  return operationView(operation, view as unknown as NodeInspection);
}

describe('an operation in progress', () => {
  it('adds up what its takers say, and ends with the slowest of them', () => {
    const view = told(names, { a: going, b: { ...going, etaMs: 9000 }, c: going });
    expect([view.bucketsDone, view.bytes, view.etaMs, view.waiting]).toEqual([30, 900, 9000, null]);
    expect(told(names, { a: going }).etaMs).toBeNull();
  });

  it.each([
    ['no_majority', null, told(['a', 'b'], { a: going })],
    ['taker_unreachable', 'b', told(['a', 'c', 'd'])],
    ['taker_recovering', 'c', told(names, { c: { ...going, kind: 'recovery' } })],
    ['source_unreachable', 'c', told(names, { c: { ...going, obstacle: 'unreachable' } })],
    ['taker_disk', 'b', told(names, { b: { ...going, obstacle: 'disk' } })],
  ])('names the one reason for which it waits: %s', (reason, nodeId, { waiting }) => {
    expect(waiting).toMatchObject({ reason, nodeId });
  });
});
