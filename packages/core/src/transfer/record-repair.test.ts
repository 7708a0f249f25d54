import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc, NodeId } from '../base/ids.ts';
import { Timers } from '../base/timers.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import type { ReplicaResult } from '../node/messages.ts';
import { keyRef } from '../ring/key.ts';
import { RecordRepair } from './record-repair.ts';

const [self, b, c] = ['a', 'b', 'c'] as NodeId[] as [NodeId, NodeId, NodeId];
const ref = keyRef('default', 'k');

function written(by: string): StoredRecord {
  const dot = { actor: `${by}~1.0` as ActorId, counter: 1 };
  const value = new Uint8Array(1);
  return writeSibling(emptyRecord, [], {
    dot,
    hlc: 1 as Hlc,
    value,
    scoped: false,
    expiresAt: 0,
    request: '',
  });
}

type Says = { readonly result: ReplicaResult; readonly record: StoredRecord | null } | 'nothing';

function repairing(says: Record<string, Says>, replicas: readonly NodeId[] = [self, b, c]) {
  const timers = new Timers();
  const restored: string[][] = [];
  const doubted: string[] = [];
  let asked = 0;
  const repair = new RecordRepair({
    self,
    timers,
    epoch: () => 3,
    replicasOf: () => replicas,
    ask: (target, _build, withinMs, answered) => {
      asked++;
      const said = says[target];
      if (said === undefined || said === 'nothing') timers.after(withinMs, () => answered(null));
      else answered({ kind: 'readReply', rpc: 1, epoch: 3, digest: '', ...said });
    },
    restore: (_ref, record) => restored.push(record.siblings.map(({ dot }) => dot.actor).sort()),
    mendedInDoubt: ({ key }) => doubted.push(key),
  });
  const pass = (ms: number) => {
    timers.advance(timers.now + ms);
    timers.runDue();
  };
  return { repair, restored, doubted, says, pass, asked: () => asked };
}

describe('mending a damaged record', () => {
  it('merges what the other replicas have', () => {
    const { repair, restored, doubted } = repairing({
      b: { result: 'ok', record: written('b') },
      c: { result: 'ok', record: written('c') },
    });
    repair.report(ref);
    expect([restored, doubted, repair.size]).toEqual([[['b~1.0', 'c~1.0']], [], 0]);
  });

  it('waits for a replica that may know of a write the others do not', () => {
    const { repair, restored, says, pass } = repairing({
      b: { result: 'ok', record: written('b') },
      c: 'nothing',
    });
    repair.report(ref);
    pass(5000);
    expect([restored, repair.size]).toEqual([[], 1]);
    says['c'] = { result: 'ok', record: emptyRecord };
    pass(1000);
    expect([restored, repair.size]).toEqual([[['b~1.0']], 0]);
  });

  it('makes do with what a recovering replica has left, where all others have shown theirs, and says so', () => {
    const { repair, restored, doubted } = repairing({
      b: { result: 'recovering', record: written('b') },
      c: { result: 'ok', record: written('c') },
    });
    repair.report(ref);
    expect([restored, doubted]).toEqual([[['b~1.0', 'c~1.0']], ['k']]);
  });

  it('makes nothing up where a second copy is damaged too', () => {
    const { repair, restored, pass } = repairing({
      b: { result: 'corrupt', record: null },
      c: { result: 'ok', record: written('c') },
    });
    repair.report(ref);
    for (let second = 0; second < 60; second++) pass(1000);
    expect([restored, repair.size]).toEqual([[], 1]);
  });

  it('waits for the one node that this one takes the key over from', () => {
    const { repair, restored, says, pass } = repairing({ b: { result: 'staleEpoch', record: null } }, [b]);
    repair.report(ref);
    pass(1000);
    expect([restored, repair.size]).toEqual([[], 1]);
    says['b'] = { result: 'ok', record: written('b') };
    pass(1000);
    expect([restored, repair.size]).toEqual([[['b~1.0']], 0]);
  });

  it('asks a majority of those that this one takes the key over from, not all', () => {
    const d = 'd' as NodeId;
    const { repair, restored, says, pass } = repairing({ b: { result: 'ok', record: written('b') } }, [
      b,
      c,
      d,
    ]);
    repair.report(ref);
    pass(5000);
    expect(restored).toEqual([]);
    says['c'] = { result: 'ok', record: written('c') };
    pass(1000);
    pass(5000);
    expect(restored).toEqual([['b~1.0', 'c~1.0']]);
  });

  it('mends 16 records at one time', () => {
    const { repair, asked } = repairing({ b: 'nothing', c: 'nothing' });
    for (let key = 0; key < 17; key++) repair.report(keyRef('default', `k${key}`));
    expect([repair.size, asked()]).toEqual([17, 32]);
  });
});
