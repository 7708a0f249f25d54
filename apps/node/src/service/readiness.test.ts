import type { NodeId } from '@starling/core';
import { describe, expect, test } from 'vitest';
import { SingleCopyMachine } from '../../test/single-copy-machine.ts';
import type { NodeInspection } from './machine-port.ts';
import { unreadiness } from './readiness.ts';

const machine = new SingleCopyMachine();
const self = machine.view();

/** A ring of as many nodes, of which the first `heard` are known to be alive. */
function ringOf(nodes: number, heard: number, changes: Partial<NodeInspection> = {}): NodeInspection {
  const ids = Array.from({ length: nodes }, (_, i) => `node-${i + 1}`);
  const members = ids
    .slice(0, heard)
    .flatMap((id) => self.members.map((member) => ({ ...member, nodeId: id as NodeId })));
  return { ...self, ring: machine.ringOf(ids), members, ...changes };
}

describe('a node is ready', () => {
  test('alone, and in every state in which it serves', () => {
    expect(unreadiness(ringOf(1, 1))).toBeNull();
    for (const state of ['normal', 'joining', 'leaving'] as const)
      expect(unreadiness(ringOf(3, 3, { state }))).toBeNull();
  });

  test('once it knows a quorum of its peers to be alive, not before', () => {
    expect(unreadiness(ringOf(3, 1))).toMatchObject({ code: 'not_ready' });
    expect(unreadiness(ringOf(3, 2))).toBeNull();
  });

  test('while most keys can be served, though some cannot', () => {
    expect(unreadiness(ringOf(10, 8))).toBeNull();
    expect(unreadiness(ringOf(10, 3))).toMatchObject({ code: 'not_ready' });
  });

  test('not without a ring, while it starts, recovers or stops, nor over a failed store', () => {
    const { storage } = self;
    const codes = [
      ringOf(3, 3, { ring: null }),
      ringOf(3, 3, { state: 'booting' }),
      ringOf(3, 3, { state: 'recovering' }),
      ringOf(3, 3, { state: 'stopping' }),
      ringOf(3, 3, { storage: { ...storage, failed: true } }),
    ].map((view) => unreadiness(view)?.code);
    expect(codes).toEqual(['not_ready', 'not_ready', 'recovering', 'shutting_down', 'storage_failed']);
  });
});
