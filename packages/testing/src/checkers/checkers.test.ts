import type { NodeId } from '@starling/core/base/ids.ts';
import type { ClientAnswer } from '@starling/core/coordinator/request.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { describe, expect, it } from 'vitest';
import { NoLostWrite } from './i01-no-lost-write.ts';
import { CausalContextLaw } from './i05-causal-context.ts';
import { UniqueDots } from './i06-unique-dots.ts';
import { ClockNeverShrinks } from './i07-clock-never-shrinks.ts';
import { NoSiblingExplosion } from './i08-no-sibling-explosion.ts';
import { Convergence } from './i11-convergence.ts';
import { LinearizableRegisters } from './i16-linearizable-registers.ts';
import { MembershipConverges } from './i17-membership-converges.ts';
import { Incarnations } from './i18-incarnations.ts';
import { RingAgreement } from './i20-ring-agreement.ts';
import { Balance } from './i21-balance.ts';
import { Handover } from './i22-handover.ts';
import { HintsKept } from './i23-hints-kept.ts';
import { Bounds } from './i24-bounds.ts';
import { DurabilityOrder } from './i25-durability-order.ts';
import { DamageShown } from './i26-damage-shown.ts';
import {
  type Actor,
  begin,
  broken,
  dot,
  guarded,
  key,
  record,
  ref,
  row,
  seenBy,
  sibling,
} from './stage.test-kit.ts';

const a1 = dot('n1', 1);
const a2 = dot('n1', 2);
const b1 = dot('n2', 1);

const member = (nodeId: string, status: string, incarnation: number, instanceId = 'i') => ({
  nodeId,
  instanceId,
  status,
  incarnation,
});

describe('each checker finds its invariant broken', () => {
  it('I1: an acknowledged write that no disk holds', () => {
    const { checker, ledger, write, actors } = guarded(1, ({ context }) => new NoLostWrite(context));
    const entry = begin(ledger);
    write(actors[0]!, record([a1], sibling(a1, 1)));
    Object.assign(entry, { dot: 'n1~1.0:1' });
    entry.attempts[0]!.outcome = 'ok';
    expect(broken(() => checker.audit?.())).toBeNull();
    actors[0]!.disk.clear();
    expect(broken(() => checker.audit?.())).toBe('I1');
  });

  it('I5: a write that discards a sibling its client was not shown', () => {
    const { ledger, write, actors } = guarded(1, ({ context }) => new CausalContextLaw(context));
    begin(ledger);
    begin(ledger, []);
    write(actors[0]!, record([a1], sibling(a1, 1)));
    expect(broken(() => write(actors[0]!, record([a2], sibling(a2, 2))))).toBe('I5');
  });

  it('I5: a clock that covers what its record neither carries nor has replaced', () => {
    const { ledger, write, actors } = guarded(2, ({ context }) => new CausalContextLaw(context));
    begin(ledger);
    begin(ledger, []);
    write(actors[0]!, record([a1], sibling(a1, 1)));
    expect(broken(() => write(actors[1]!, record([a1, b1], sibling(b1, 2))))).toBe('I5');
  });

  it('I6: one dot for two writes', () => {
    const { ledger, write, actors } = guarded(2, ({ context }) => new UniqueDots(context));
    begin(ledger);
    begin(ledger);
    write(actors[0]!, record([a1], sibling(a1, 1)));
    expect(broken(() => write(actors[1]!, record([a1], sibling(a1, 2))))).toBe('I6');
  });

  it('I7: a clock that shrinks', () => {
    const { ledger, write, actors } = guarded(1, () => new ClockNeverShrinks());
    begin(ledger);
    begin(ledger);
    write(actors[0]!, record([a1], sibling(a1, 1)));
    write(actors[0]!, record([a2], sibling(a2, 2)));
    expect(broken(() => write(actors[0]!, record([a1], sibling(a1, 1))))).toBe('I7');
  });

  it('I8: a sibling beside one whose writer had seen it', () => {
    const { ledger, write, actors } = guarded(1, ({ context }) => new NoSiblingExplosion(context));
    begin(ledger);
    begin(ledger, ['n1~1.0:1']);
    write(actors[0]!, record([a1], sibling(a1, 1)));
    expect(broken(() => write(actors[0]!, record([a2], sibling(a2, 2), sibling(a1, 1))))).toBe('I8');
  });

  it('I5: no sibling kept that only a write nobody showed had replaced', () => {
    const { ledger, write, actors } = guarded(3, ({ context }) => new CausalContextLaw(context));
    const [first, second, third] = actors as [Actor, Actor, Actor];
    const [b9, c7, c10] = [dot('n2', 9), dot('n3', 7), dot('n3', 10)];
    begin(ledger);
    write(first, record([a1], sibling(a1, 1)));
    begin(ledger);
    write(third, record([a1, c7], sibling(c7, 2)));
    begin(ledger);
    const replaced = record([a1, b9, c7], sibling(b9, 3));
    for (const actor of [second, third]) write(actor, replaced);
    begin(ledger, []);
    write(third, record([a1, b9, c10], sibling(c10, 4), sibling(b9, 3)));
    // The context of that answer, its own dot, covers n3's 7th, which had replaced n1's first; that it does not cover.
    const seen = { ...seenBy(['n3~1.0:10'], [c10]), own: 'n3~1.0:10' };
    Object.assign(begin(ledger), { seen });
    const a2 = dot('n1', 2);
    const kept = record([a2, c10], sibling(a2, 5), sibling(a1, 1));
    expect(broken(() => write(first, kept))).toBeNull();
  });

  it('I11: replicas that hold different records', () => {
    const { checker, ledger, write, actors } = guarded(2, ({ context }) => new Convergence(context));
    begin(ledger);
    write(actors[0]!, record([a1], sibling(a1, 1)));
    expect(broken(() => checker.quiesced?.())).toBe('I11');
    write(actors[1]!, record([a1], sibling(a1, 1)));
    expect(broken(() => checker.quiesced?.())).toBeNull();
  });

  it('I11: a former owner that still has a copy, damaged or not', () => {
    const { checker, ledger, write, actors } = guarded(2, ({ context }) => new Convergence(context));
    const [owner, former] = actors as [Actor, Actor];
    owner.machine['ring'] = () => ({ replicasOf: () => ({ current: ['n1'], pending: null }) });
    begin(ledger);
    for (const actor of actors) write(actor, record([a1], sibling(a1, 1)));
    expect(broken(() => checker.quiesced?.())).toBe('I11');
    former.corrupt.add(row);
    expect(broken(() => checker.quiesced?.())).toBe('I11');
    former.corrupt.clear();
    former.disk.delete(row);
    expect(broken(() => checker.quiesced?.())).toBeNull();
  });

  it('I16: a stale read of a plain register', () => {
    const { checker, ledger } = guarded(1, ({ context }) => new LinearizableRegisters(context));
    for (let write = 0; write < 2; write++) {
      const entry = begin(ledger);
      entry.attempts[0]!.outcome = 'ok';
      entry.returnedAt = ledger.stamp();
    }
    const calledAt = ledger.stamp();
    ledger.reads.push({ key, client: 'c2', level: 'quorum', calledAt, returnedAt: ledger.stamp(), value: 1 });
    expect(broken(() => checker.audit?.())).toBe('I16');
  });

  it('I17: a living node held for dead', () => {
    const { checker, actors } = guarded(2, ({ context }) => new MembershipConverges(context));
    for (const { machine } of actors)
      machine['members'] = () => [member('n1', 'alive', 1), member('n2', 'alive', 1)];
    expect(broken(() => checker.quiesced?.())).toBeNull();
    actors[0]!.machine['members'] = () => [member('n1', 'alive', 1), member('n2', 'dead', 1)];
    expect(broken(() => checker.quiesced?.())).toBe('I17');
    actors[0]!.machine['members'] = () => [member('n1', 'alive', 1), member('n2', 'alive', 1, 'gone')];
    expect(broken(() => checker.quiesced?.())).toBe('I17');
  });

  it('I18: an incarnation that falls, and a suspicion where nothing is wrong', () => {
    const { checker, actors } = guarded(1, ({ context }) => new Incarnations(context));
    actors[0]!.machine['members'] = () => [member('n2', 'alive', 5)];
    checker.poll?.();
    actors[0]!.machine['members'] = () => [member('n2', 'alive', 4)];
    expect(broken(() => checker.poll?.())).toBe('I18');
    const suspicion = { type: 'member', nodeId: 'n2' as NodeId, status: 'suspect' } as const;
    expect(broken(() => checker.event?.(actors[0]!.process, suspicion))).toBe('I18');
  });

  it('I20: two rings of one epoch, and an arc without enough owners', () => {
    const { checker, actors } = guarded(2, ({ context }) => new RingAgreement(context));
    const doc = (zone: string) => ({
      clusterId: 'c',
      epoch: 1,
      replicas: 1,
      members: [{ nodeId: 'n1', status: 'normal', zone, weight: 1, tokens: [1] }],
    });
    const ring = (zone: string, current: string[]) => ({
      doc: doc(zone),
      epoch: 1,
      eachArc: (visit: (range: object, set: object) => void) => visit({ from: 0, to: 65_535 }, { current }),
    });
    actors[0]!.machine['ring'] = () => ring('z0', ['n1']);
    expect(broken(() => checker.stepped?.(actors[0]!.process))).toBeNull();
    actors[1]!.machine['ring'] = () => ring('z1', ['n1']);
    expect(broken(() => checker.stepped?.(actors[1]!.process))).toBe('I20');
    const other = guarded(1, ({ context }) => new RingAgreement(context));
    other.actors[0]!.machine['ring'] = () => ring('z2', []);
    expect(broken(() => other.checker.stepped?.(other.actors[0]!.process))).toBe('I20');
  });

  it('I21: a node with far more than its share', () => {
    const { checker, actors } = guarded(1, () => new Balance());
    const members = [1, 2].map((index) => ({
      nodeId: `n${index}`,
      status: 'normal',
      zone: 'z',
      weight: 1,
      tokens: [index * 100],
    }));
    actors[0]!.machine['ring'] = () => ({ doc: { clusterId: 'c', epoch: 3, replicas: 1, members } });
    expect(broken(() => checker.stepped?.(actors[0]!.process))).toBe('I21');
  });

  it('I22: a replica that drops its record, and one dropped too early', () => {
    const { checker, ledger, write, actors } = guarded(3, ({ context }) => new Handover(context));
    const held = record([a1], sibling(a1, 1));
    expect(broken(() => checker.dropped?.(actors[0]!.process, row, held))).toBe('I22');
    begin(ledger).attempts[0]!.outcome = 'ok';
    write(actors[0]!, held);
    const away = { replicasOf: () => ({ current: ['n2', 'n3'], pending: null }), isReplica: () => false };
    actors[0]!.machine['ring'] = () => away;
    expect(broken(() => checker.dropped?.(actors[0]!.process, row, held))).toBe('I22');
    write(actors[1]!, held);
    write(actors[2]!, held);
    expect(broken(() => checker.dropped?.(actors[0]!.process, row, held))).toBeNull();
  });

  it('I22: no copy that a replica has handed on under a newer ring', () => {
    const { checker, ledger, write, actors } = guarded(3, ({ context }) => new Handover(context));
    const held = record([a1], sibling(a1, 1));
    begin(ledger).attempts[0]!.outcome = 'ok';
    write(actors[0]!, held);
    const ringOf = (epoch: number, current: readonly string[]) => () => ({
      epoch,
      replicasOf: () => ({ current, pending: null }),
      isReplica: () => false,
    });
    actors[0]!.machine['ring'] = ringOf(2, ['n2', 'n3']);
    actors[1]!.machine['ring'] = ringOf(3, ['n3']);
    expect(broken(() => checker.dropped?.(actors[0]!.process, row, held))).toBe('I22');
    write(actors[2]!, held);
    expect(broken(() => checker.dropped?.(actors[0]!.process, row, held))).toBeNull();
  });

  it('I22: no copy that was damaged after it was shown', () => {
    const { checker, ledger, write, actors } = guarded(3, ({ context }) => new Handover(context));
    const held = record([a1], sibling(a1, 1));
    begin(ledger).attempts[0]!.outcome = 'ok';
    for (const actor of actors) write(actor, held);
    const away = { replicasOf: () => ({ current: ['n2', 'n3'], pending: null }), isReplica: () => false };
    actors[0]!.machine['ring'] = () => away;
    actors[2]!.corrupt.add(row);
    expect(broken(() => checker.dropped?.(actors[0]!.process, row, held))).toBeNull();
    actors[1]!.disk.delete(row);
    expect(broken(() => checker.dropped?.(actors[0]!.process, row, held))).toBe('I22');
  });

  it('I22: no copy shown and then lost with its whole directory; but one that was never shown', () => {
    const afterWipe = (shown: boolean) => {
      const { checker, ledger, write, actors } = guarded(2, ({ context }) => new Handover(context), {
        faults: { 'disk.wipe': 1 },
      });
      const held = record([a1], sibling(a1, 1));
      begin(ledger).attempts[0]!.outcome = 'ok';
      for (const actor of actors) write(actor, held);
      const [from, to] = [actors[0]!, actors[1]!];
      const call: PeerMessage = { kind: 'read', rpc: 1, epoch: 1, ref, digest: true };
      const input = {
        type: 'message',
        from: 'n1' as NodeId,
        hlc: held.siblings[0]!.hlc,
        message: call,
      } as const;
      checker.input?.(to.process, input);
      const reply = { kind: 'readReply', rpc: 1, result: 'ok', epoch: 1, digest: '', record: null } as const;
      if (shown) checker.sent?.(to.process, 'n1' as NodeId, reply);
      from.machine['ring'] = () => ({
        replicasOf: () => ({ current: ['n2'], pending: null }),
        isReplica: () => false,
      });
      to.disk.clear();
      to.identity.instanceId = 'new';
      return broken(() => checker.dropped?.(from.process, row, held));
    };
    expect([afterWipe(true), afterWipe(false)]).toEqual([null, 'I22']);
  });

  it('I23: a hint removed before its target has the record', () => {
    const { checker, ledger, write, actors } = guarded(2, ({ context }) => new HintsKept(context));
    begin(ledger);
    const [n1, n2] = [actors[0]!, actors[1]!];
    const held = record([a1], sibling(a1, 1));
    write(n1, held);
    const hint = `h/n2/${row}`;
    checker.wrote?.(n1.process, 2, [[hint, new Uint8Array(0)]]);
    expect(broken(() => checker.wrote?.(n1.process, 3, [[hint, null]]))).toBe('I23');
    checker.wrote?.(n1.process, 4, [[hint, new Uint8Array(0)]]);
    write(n2, held);
    expect(broken(() => checker.wrote?.(n1.process, 5, [[hint, null]]))).toBeNull();
  });

  it('I23: the note of a write on its way removed while a replica lacks it', () => {
    const { checker, ledger, write, actors } = guarded(2, ({ context }) => new HintsKept(context));
    begin(ledger);
    write(actors[0]!, record([a1], sibling(a1, 1)));
    const note = `l/1/${row}`;
    checker.wrote?.(actors[0]!.process, 2, [[note, new Uint8Array(0)]]);
    expect(broken(() => checker.wrote?.(actors[0]!.process, 3, [[note, null]]))).toBe('I23');
  });

  it('I23: a write that a crash took back is owed by nobody; one that survived it is', () => {
    const hint = `h/n2/${row}`;
    const afterCrash = (survives: boolean) => {
      const { checker, ledger, write, actors } = guarded(2, ({ context }) => new HintsKept(context));
      const { process } = actors[0]!;
      begin(ledger);
      write(actors[0]!, record([a1], sibling(a1, 1)), survives);
      checker.wrote?.(process, 1, []);
      checker.booted?.(process);
      checker.wrote?.(process, 2, [[hint, new Uint8Array(0)]]);
      return broken(() => checker.wrote?.(process, 3, [[hint, null]]));
    };
    expect([afterCrash(false), afterCrash(true)]).toEqual([null, 'I23']);
  });

  it('I23: nothing is owed to a node that a newer ring had left out before the write, and lets in again', () => {
    const owedTo = (leftOut: readonly string[]) => {
      const { checker, ledger, write, actors } = guarded(3, ({ context }) => new HintsKept(context));
      begin(ledger);
      const newer = {
        epoch: 2,
        replicasOf: () => ({ current: ['n1', 'n3'], pending: null }),
        isReplica: (node: string) => !leftOut.includes(node),
      };
      actors[2]!.machine['ring'] = () => newer;
      checker.stepped?.(actors[2]!.process);
      const { process } = actors[0]!;
      write(actors[0]!, record([a1], sibling(a1, 1)));
      write(actors[2]!, record([a1], sibling(a1, 1)));
      const note = `l/1/${row}`;
      checker.wrote?.(process, 2, [[note, new Uint8Array(0)]]);
      return broken(() => checker.wrote?.(process, 3, [[note, null]]));
    };
    expect([owedTo(['n2']), owedTo([])]).toEqual([null, 'I23']);
  });

  it('I24: more requests than the bound, more hints than the bound, and a request left unanswered', () => {
    const { checker, actors, context } = guarded(1, (on) => new Bounds(on.context));
    const { process, machine } = actors[0]!;
    machine['counts'] = () => ({ requestsInFlight: 1_000_000 });
    expect(broken(() => checker.poll?.())).toBe('I24');
    machine['counts'] = () => ({ requestsInFlight: 0 });
    machine['hints'] = () => [{ target: 'n2', pending: 10_000_000, everything: false }];
    expect(broken(() => checker.poll?.())).toBe('I24');
    machine['hints'] = () => [];
    const request = { kind: 'get', ref, level: 'one', deadlineAt: 50, explain: false } as const;
    checker.input?.(process, { type: 'request', id: 1, request });
    expect(broken(() => checker.poll?.())).toBeNull();
    Object.assign(context.world, { now: 1000 });
    expect(broken(() => checker.poll?.())).toBe('I24');
  });

  it('I25: a replica that acknowledges, and a client that is told, before enough disks hold it', () => {
    const { checker, ledger, write, actors } = guarded(3, ({ context }) => new DurabilityOrder(context));
    begin(ledger);
    const { process } = actors[0]!;
    const held = record([a1], sibling(a1, 1));
    const call: PeerMessage = { kind: 'store', rpc: 1, epoch: 1, ref, record: held, counted: true };
    const ack: PeerMessage = { kind: 'storeReply', rpc: 1, result: 'ok', epoch: 1 };
    const asked = () =>
      checker.input?.(process, {
        type: 'message',
        from: 'n2' as NodeId,
        hlc: held.siblings[0]!.hlc,
        message: call,
      });
    asked();
    expect(broken(() => checker.sent?.(process, 'n2' as NodeId, ack))).toBe('I25');
    write(actors[0]!, held);
    asked();
    expect(broken(() => checker.sent?.(process, 'n2' as NodeId, ack))).toBeNull();

    const request = { kind: 'put', ref, level: 'quorum', deadlineAt: 50, explain: false } as never;
    checker.input?.(process, { type: 'request', id: 9, request });
    const told = { kind: 'written', dot: 'n1~1.0:1' } as ClientAnswer;
    expect(broken(() => checker.replied?.(process, 9, told))).toBe('I25');
    write(actors[1]!, held);
    checker.input?.(process, { type: 'request', id: 10, request });
    expect(broken(() => checker.replied?.(process, 10, told))).toBeNull();
  });

  it('I25: a copy that a former owner has dropped under a newer ring is not missed', () => {
    const { checker, ledger, write, actors } = guarded(2, ({ context }) => new DurabilityOrder(context));
    begin(ledger);
    write(actors[0]!, record([a1], sibling(a1, 1)));
    const { process } = actors[0]!;
    const told = () => {
      const request = { kind: 'put', ref, level: 'all', deadlineAt: 50, explain: false } as never;
      checker.input?.(process, { type: 'request', id: 9, request });
      return broken(() =>
        checker.replied?.(process, 9, { kind: 'written', dot: 'n1~1.0:1' } as ClientAnswer),
      );
    };
    expect(told()).toBe('I25');
    actors[1]!.machine['ring'] = () => ({ epoch: 2, isReplica: () => false });
    expect(told()).toBeNull();
    actors[1]!.machine['ring'] = () => ({ epoch: 1, isReplica: () => false });
    expect(told()).toBe('I25');
  });

  it('I26: an answer out of a damaged record, and damage that is never mended', () => {
    const { checker, actors } = guarded(1, ({ context }) => new DamageShown(context));
    const { process, corrupt } = actors[0]!;
    corrupt.add(row);
    const call: PeerMessage = { kind: 'read', rpc: 1, epoch: 1, ref, digest: false };
    checker.input?.(process, { type: 'message', from: 'n2' as NodeId, hlc: 0 as never, message: call });
    checker.readRows?.(process, [row], ['corrupt']);
    const answer: PeerMessage = {
      kind: 'readReply',
      rpc: 1,
      result: 'ok',
      epoch: 1,
      record: null,
      digest: '',
    };
    expect(broken(() => checker.sent?.(process, 'n2' as NodeId, answer))).toBe('I26');
    expect(broken(() => checker.quiesced?.())).toBe('I26');
    corrupt.clear();
    checker.wrote?.(process, 2, [[row, new Uint8Array(1)]]);
    expect(broken(() => checker.quiesced?.())).toBeNull();
  });
});
