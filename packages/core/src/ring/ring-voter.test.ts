import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorId, NodeId } from '../base/ids.ts';
import { Timers } from '../base/timers.ts';
import type { RowWrite } from '../node/effect.ts';
import { freshAcceptor } from '../paxos/acceptor.ts';
import type { Ballot } from '../paxos/ballot.ts';
import type { RingMessage } from './messages.ts';
import { planFirst, planJoin } from './plan.ts';
import { RingVoter } from './ring-voter.ts';
import { decodeVote, encodeVote, type Vote } from './vote-row.ts';

const node = (name: string) => ({ nodeId: name as NodeId, zone: 'z', weight: 1 });
const doc = planJoin(planFirst('0123456789abcdef', node('a'), 3), node('b'))!;
const ballot = (round: number): Ballot => ({ round, actor: 'a~1' as ActorId });

/** A voter whose syncs end when the test says so. */
function voter() {
  const sent: RingMessage[] = [];
  const syncs: (() => void)[] = [];
  const rows: RowWrite[] = [];
  const host = {
    timers: new Timers(),
    random: { uint32: () => 0 },
    self: node('a'),
    actor: () => 'a~1' as ActorId,
    send: () => undefined,
    replaces: null,
    persist: (written: readonly RowWrite[], then: () => void) => {
      rows.push(...written);
      syncs.push(then);
    },
    isAlive: () => true,
    candidates: () => [],
    onRing: () => undefined,
  };
  const made = new RingVoter(host, (_to, message) => void sent.push(message));
  return { voter: made, sent, rows, sync: () => syncs.shift()?.() };
}

describe('a voter', () => {
  it('tells an agreement when it is durable, and not before', () => {
    const { voter: own, sent, sync } = voter();
    own.prepare('b' as NodeId, { kind: 'ringPrepare', epoch: 2, ballot: ballot(1) });
    expect(sent).toEqual([]);
    sync();
    expect(sent).toEqual([
      { kind: 'ringPromise', epoch: 2, ballot: ballot(1), promised: ballot(1), accepted: null },
    ]);
    own.accept('b' as NodeId, { kind: 'ringAccept', epoch: 2, ballot: ballot(1), doc });
    expect(sent).toHaveLength(1);
    sync();
    expect(sent[1]).toEqual({ kind: 'ringAccepted', epoch: 2, ballot: ballot(1), promised: ballot(1) });
  });

  it('refuses at once what is below its promise, and says how high that is', () => {
    const { voter: own, sent, rows } = voter();
    own.restore(encodeVote({ epoch: 2, votesFrom: 0, state: { promised: ballot(5), accepted: null } }), 1);
    own.accept('b' as NodeId, { kind: 'ringAccept', epoch: 2, ballot: ballot(4), doc });
    expect(sent).toEqual([{ kind: 'ringAccepted', epoch: 2, ballot: ballot(4), promised: ballot(5) }]);
    expect(rows).toEqual([]);
  });

  it('goes on after a restart where its disk left off', () => {
    const first = voter();
    first.voter.accept('b' as NodeId, { kind: 'ringAccept', epoch: 2, ballot: ballot(3), doc });
    const second = voter();
    second.voter.restore(first.rows[0]![1], 1);
    expect(second.voter.promisedRound(2)).toBe(3);
    expect(second.voter.acceptedFor(2)).toEqual(doc);
    expect(second.voter.acceptedFor(3)).toBeNull();
  });
});

describe('a voter whose rows are damaged', () => {
  const vote = encodeVote({ epoch: 6, votesFrom: 0, state: { promised: ballot(5), accepted: null } });

  it.each([
    ['nothing stored yet', null, 0, 1],
    ['all in order', vote, 5, 1],
    ['no vote given since the ring', null, 5, 1],
    ['the vote unreadable: it was on the next epoch', 'corrupt', 5, 7],
    ['the vote cut short', vote.subarray(0, 3), 5, 7],
    ['the ring unreadable: it was the one before the vote', vote, null, 6],
  ] as const)('%s', (_name, row, ringEpoch, votesFrom) => {
    const own = voter().voter;
    own.restore(row, ringEpoch);
    expect([own.mayVoteOn(votesFrom - 1), own.mayVoteOn(votesFrom)]).toEqual([votesFrom === 1, true]);
  });

  it.each([
    ['both unreadable', 'corrupt', null],
    ['the ring unreadable and no vote beside it', null, null],
    ['a vote unreadable where no ring is', 'corrupt', 0],
  ] as const)('abstains for good: %s', (_name, row, ringEpoch) => {
    const own = voter().voter;
    own.restore(row, ringEpoch);
    expect(own.mayVoteOn(1_000_000)).toBe(false);
    const again = voter().voter;
    again.restore(own.rowUnder(9), 9);
    expect(again.mayVoteOn(1_000_000)).toBe(false);
  });

  it('abstains until the ring is past what it may have voted on, and keeps nothing of it then', () => {
    const own = voter().voter;
    own.restore('corrupt', 5);
    const again = voter().voter;
    again.restore(own.rowUnder(5), 5);
    expect([again.mayVoteOn(6), again.mayVoteOn(7)]).toEqual([false, true]);
    expect(own.rowUnder(6)).toBeNull();
  });
});

describe('a stored vote', () => {
  const anyVote: fc.Arbitrary<Vote> = fc.record({
    epoch: fc.maxSafeNat(),
    votesFrom: fc.maxSafeNat(),
    state: fc.record({
      promised: fc.nat().map(ballot),
      accepted: fc.option(fc.record({ ballot: fc.nat().map(ballot), value: fc.constant(doc) })),
    }),
  });

  it('is read back as it was', () => {
    fc.assert(
      fc.property(anyVote, (vote) => {
        expect(decodeVote(encodeVote(vote))).toEqual(vote);
      }),
    );
    const empty: Vote = { epoch: 0, votesFrom: 0, state: freshAcceptor };
    expect(decodeVote(encodeVote(empty))).toEqual(empty);
  });

  it('is nothing when cut short', () => {
    fc.assert(
      fc.property(anyVote, fc.nat(), (vote, cut) => {
        const bytes = encodeVote(vote);
        expect(decodeVote(bytes.subarray(0, cut % bytes.length))).toBeNull();
      }),
    );
  });
});
