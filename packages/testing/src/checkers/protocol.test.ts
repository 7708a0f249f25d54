import type { ActorId, Hlc, NodeId } from '@starling/core/base/ids.ts';
import type { ClientAnswer, ClientRequest } from '@starling/core/coordinator/request.ts';
import { requestTag } from '@starling/core/coordinator/request-tag.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { RingDoc } from '@starling/core/ring/ring-doc.ts';
import { voterRow } from '@starling/core/ring/ring-host.ts';
import { encodeVote } from '@starling/core/ring/vote-row.ts';
import { describe, expect, it } from 'vitest';
import { type Checker, ensure } from './checker.ts';
import { RingVotes } from './i14-ring-votes.ts';
import { ReadsKept } from './i16-reads-kept.ts';
import { Incarnations } from './i18-incarnations.ts';
import { Departed } from './i19-departed.ts';
import { EpochFence } from './i20-epoch-fence.ts';
import { ArcsWhole } from './i22-arcs-whole.ts';
import { OneEffect } from './i31-one-effect.ts';
import { RecoveredWhole } from './i33-recovered-whole.ts';
import {
  type Actor,
  begin,
  broken,
  dot,
  guarded,
  record,
  ref,
  row,
  type Stage,
  sibling,
} from './stage.test-kit.ts';

const a1 = dot('n1', 1);
const held = record([a1], sibling(a1, 1));
const n2 = 'n2' as NodeId;

/** A checker on its stage, and short words for what happens there. */
function watched(nodes: number, make: (staged: Stage) => Checker) {
  const staged = guarded(nodes, make);
  const { checker, ledger } = staged;
  const hears = ({ process }: Actor, message: PeerMessage, from = n2): string | null =>
    broken(() => checker.input?.(process, { type: 'message', from, hlc: 0 as Hlc, message }));
  const says = ({ process }: Actor, message: PeerMessage): string | null =>
    broken(() => checker.sent?.(process, n2, message));
  const acknowledges = () => {
    const entry = begin(ledger);
    entry.attempts[0]!.outcome = 'ok';
    entry.dot = 'n1~1.0:1';
    checker.answeredWrite?.(entry, { kind: 'written' } as never);
  };
  return { ...staged, hears, says, acknowledges };
}

function listing(epoch: number, ...names: string[]): unknown {
  const members = names.map((nodeId) => ({ nodeId, status: 'normal' }));
  return {
    epoch,
    doc: { members },
    member: (name: string) => members.find(({ nodeId }) => nodeId === name) ?? null,
  };
}

function ringOf(
  epoch: number,
  current: readonly string[],
  pending: readonly string[] | null = null,
): unknown {
  const changing = pending === null ? null : { operation: 'o', replicas: 1, shapes: [] };
  return { epoch, changing, replicasOf: () => ({ current, pending }), isReplica: () => true };
}

function doc(zone: string): RingDoc {
  const member = { nodeId: 'n1' as NodeId, status: 'normal', zone, weight: 1, tokens: [1] } as const;
  return {
    clusterId: '0123456789abcdef',
    epoch: 2,
    replicas: 1,
    members: [member],
    change: null,
    operations: [],
  };
}

const ballot = (round: number) => ({ round, actor: 'n1~1.0' as ActorId });

describe('a checker of single steps finds its invariant broken:', () => {
  it('I14: a vote that is not on disk, and one below an earlier one', () => {
    const { actors, says } = watched(1, () => new RingVotes());
    const voter = actors[0]!;
    const vote = (round: number) =>
      says(voter, {
        kind: 'ringPromise',
        epoch: 2,
        ballot: ballot(round),
        promised: ballot(round),
        accepted: null,
      });
    expect(vote(5)).toBe('I14');
    voter.disk.set(
      voterRow,
      encodeVote({ epoch: 2, votesFrom: 0, state: { promised: ballot(5), accepted: null } }),
    );
    expect(vote(5)).toBeNull();
    expect(vote(4)).toBe('I14');
  });

  it('I14: a document of its own over one that a promise brought, and two under one ballot', () => {
    const { actors, says, hears } = watched(1, () => new RingVotes());
    const proposer = actors[0]!;
    const propose = (zone: string) =>
      says(proposer, { kind: 'ringAccept', epoch: 2, ballot: ballot(7), doc: doc(zone) });
    const accepted = { ballot: ballot(3), doc: doc('theirs') };
    hears(proposer, { kind: 'ringPromise', epoch: 2, ballot: ballot(7), promised: ballot(7), accepted });
    expect(propose('theirs')).toBeNull();
    expect(propose('own')).toBe('I14');
    const second = watched(1, () => new RingVotes());
    second.hears(second.actors[0]!, {
      kind: 'ringPromise',
      epoch: 2,
      ballot: ballot(7),
      promised: ballot(7),
      accepted,
    });
    const own: PeerMessage = { kind: 'ringAccept', epoch: 2, ballot: ballot(7), doc: doc('own') };
    expect(second.says(second.actors[0]!, own)).toBe('I14');
  });

  it('I14: a document over the one its own promise brought, though that has been overwritten since', () => {
    const proposed = (zone: string) => {
      const { checker, actors, says, hears } = watched(1, () => new RingVotes());
      const proposer = actors[0]!;
      const accepted = (round: number) => ({ ballot: ballot(round), value: doc(`of ${round}`) });
      const votes = (promised: number, from: number) => {
        const state = { promised: ballot(promised), accepted: accepted(from) };
        const bytes = encodeVote({ epoch: 2, votesFrom: 0, state });
        proposer.disk.set(voterRow, bytes);
        checker.wrote?.(proposer.process, 1, [[voterRow, bytes]]);
      };
      votes(7, 5);
      votes(9, 9);
      const promise = { ballot: ballot(3), doc: doc('of 3') };
      hears(proposer, {
        kind: 'ringPromise',
        epoch: 2,
        ballot: ballot(7),
        promised: ballot(7),
        accepted: promise,
      });
      return says(proposer, { kind: 'ringAccept', epoch: 2, ballot: ballot(7), doc: doc(zone) });
    };
    expect([proposed('of 5'), proposed('of 3')]).toEqual([null, 'I14']);
  });

  it('I16: a read that shows what a minority holds', () => {
    const { checker, actors, write } = watched(3, ({ context }) => new ReadsKept(context));
    const { process } = actors[0]!;
    const request = { kind: 'get', ref, level: 'quorum', deadlineAt: 50, explain: false } as ClientRequest;
    const answer = { kind: 'read', winner: { dot: 'n1~1.0:1' }, siblings: [] } as unknown as ClientAnswer;
    const reads = (id: number) => {
      checker.input?.(process, { type: 'request', id, request } as Input);
      return broken(() => checker.replied?.(process, id, answer));
    };
    write(actors[0]!, held);
    expect(reads(1)).toBe('I16');
    write(actors[1]!, held);
    expect(reads(2)).toBeNull();
  });

  it('I16: no read answered by a copy whose disk was replaced before the answer arrived', () => {
    const { checker, actors, write } = watched(3, ({ context }) => new ReadsKept(context));
    const { process } = actors[0]!;
    const request = { kind: 'get', ref, level: 'quorum', deadlineAt: 50, explain: false } as ClientRequest;
    const answer = { kind: 'read', winner: { dot: 'n1~1.0:1' }, siblings: [] } as unknown as ClientAnswer;
    write(actors[0]!, held);
    checker.input?.(process, { type: 'request', id: 1, request } as Input);
    actors[1]!.identity.instanceId = 'new';
    expect(broken(() => checker.replied?.(process, 1, answer))).toBeNull();
  });

  it('I18: a life that begins no higher than an earlier one', () => {
    const { checker, actors } = watched(1, ({ context }) => new Incarnations(context));
    const { process, machine } = actors[0]!;
    const starts = (incarnation: number) => {
      machine['members'] = () => [{ nodeId: 'n1', instanceId: 'i', status: 'alive', incarnation }];
      return broken(() => checker.booted?.(process));
    };
    expect(starts(5)).toBeNull();
    expect(starts(6)).toBeNull();
    expect(starts(6)).toBe('I18');
  });

  it('I19: a member that was taken out is back, and nobody has asked for it', () => {
    const { checker, actors } = watched(1, ({ context }) => new Departed(context));
    const [{ process, machine, identity }] = actors as [Actor];
    const adopts = (epoch: number, ...names: string[]) => {
      machine['ring'] = () => listing(epoch, ...names);
      return broken(() => checker.stepped?.(process));
    };
    const returns = (epoch: number) => [adopts(epoch), adopts(epoch + 1, 'n1')];
    expect(adopts(1, 'n1')).toBeNull();
    expect(returns(2)).toEqual([null, 'I19']);
    checker.input?.(process, { type: 'rejoin' });
    expect(returns(4)).toEqual([null, null]);
    expect(returns(6)).toEqual([null, 'I19']);
    expect(adopts(8)).toBeNull();
    identity.instanceId = 'another';
    expect(adopts(9, 'n1')).toBeNull();
  });

  it('I19: an answer that counts, by a ring that did not list who was asked', () => {
    const { actors, hears, says } = watched(1, ({ context }) => new Departed(context));
    const [replica] = actors as [Actor];
    const answers = (rpc: number, ...members: string[]) => {
      replica.machine['ring'] = () => listing(2, ...members);
      hears(replica, { kind: 'store', rpc, epoch: 2, ref, record: held, counted: true });
      return says(replica, { kind: 'storeReply', rpc, result: 'ok', epoch: 2 });
    };
    expect(answers(1, 'n1')).toBeNull();
    expect(answers(2, 'n2')).toBe('I19');
  });

  it('I20: a replica that serves a caller whose ring is older than its own', () => {
    const { actors, hears, says } = watched(1, () => new EpochFence());
    const replica = actors[0]!;
    replica.machine['ring'] = () => ringOf(2, ['n1']);
    const served = (epoch: number, rpc: number) => {
      hears(replica, { kind: 'store', rpc, epoch, ref, record: held, counted: true });
      return says(replica, { kind: 'storeReply', rpc, result: 'ok', epoch: 2 });
    };
    expect(served(2, 1)).toBeNull();
    expect(served(1, 2)).toBe('I20');
  });

  it('I20: a node that writes a key of which it is no replica', () => {
    const { ledger, actors, write } = watched(2, () => new EpochFence());
    begin(ledger);
    actors[0]!.machine['ring'] = () => ringOf(2, ['n2']);
    expect(broken(() => write(actors[0]!, held))).toBe('I20');
  });

  it('I22: a page that leaves out what was accepted', () => {
    const { actors, hears, says, write } = watched(2, ({ context }) => new ArcsWhole(context));
    write(actors[0]!, held, false);
    const gives = (rpc: number, records: readonly { ref: typeof ref; record: typeof held }[]) => {
      hears(actors[0]!, { kind: 'pull', rpc, epoch: 1, ranges: [{ from: 0, to: 65_535 }], after: 'd/' });
      return says(actors[0]!, { kind: 'pullReply', rpc, result: 'ok', epoch: 1, records, next: null });
    };
    expect(gives(1, [{ ref, record: held }])).toBeNull();
    expect(gives(2, [])).toBe('I22');
  });

  it('I22: a joiner that is ready without an acknowledged write, and a record dropped while it is owed', () => {
    const { checker, actors, says, write, acknowledges } = watched(
      2,
      ({ context }) => new ArcsWhole(context),
    );
    const [owner, joiner] = actors as [Actor, Actor];
    write(owner, held);
    acknowledges();
    joiner.machine['ring'] = () => ringOf(2, ['n1'], ['n2']);
    checker.stepped?.(joiner.process);
    const ready: PeerMessage = { kind: 'ringReady', nodeId: n2, epoch: 2 };
    expect(says(joiner, ready)).toBe('I22');
    owner.disk.set(`h/n2/${row}`, new Uint8Array(0));
    owner.machine['ring'] = () => ringOf(3, ['n2']);
    const drops = () => broken(() => checker.dropped?.(owner.process, row, held));
    expect(drops()).toBe('I22');
    write(joiner, held);
    expect([says(joiner, ready), drops()]).toEqual([null, null]);
  });

  it('I31: a retry that is written although a majority holds its first attempt', () => {
    const { checker, ledger, actors, ghost, write } = watched(3, ({ context }) => new OneEffect(context));
    const entry = ledger.beginWrite({
      kind: 'put',
      key: ref.key,
      client: 'c1',
      level: 'quorum',
      seen: null,
      expected: null,
      requestId: 'r1',
      expires: false,
    });
    const tagged = { ...sibling(a1, entry.id), request: requestTag('r1') };
    const request = {
      kind: 'put',
      ref,
      level: 'quorum',
      requestId: 'r1',
      context: null,
    } as unknown as ClientRequest;
    write(actors[0]!, record([a1], tagged));
    write(actors[1]!, record([a1], tagged));
    checker.input?.(actors[2]!.process, { type: 'request', id: 1, request });
    const event = ghost.eventOf('n1~1.0:1');
    ensure('I31', event !== null, () => 'the ghost has seen the first attempt');
    const again = { process: actors[2]!.process, row, before: null, after: held, minted: event };
    expect(broken(() => checker.applied?.(again))).toBe('I31');
  });

  it('I33: a node that has recovered without an acknowledged write, or answers before it has', () => {
    const { checker, actors, hears, says, write, acknowledges } = watched(
      3,
      ({ context }) => new RecoveredWhole(context),
    );
    const lost = actors[0]!;
    write(lost, held, false);
    acknowledges();
    const goes = (state: 'recovering' | 'normal') => {
      lost.machine['state'] = state;
      return broken(() => checker.event?.(lost.process, { type: 'state', state, reason: '' }));
    };
    goes('recovering');
    hears(lost, { kind: 'read', rpc: 1, epoch: 1, ref, digest: false });
    const answer: PeerMessage = {
      kind: 'readReply',
      rpc: 1,
      result: 'ok',
      epoch: 1,
      record: held,
      digest: '',
    };
    expect(says(lost, answer)).toBe('I33');
    expect(goes('normal')).toBe('I33');
    goes('recovering');
    write(lost, held);
    expect(goes('normal')).toBeNull();
  });
});
