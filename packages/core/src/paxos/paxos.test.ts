import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorId, NodeId } from '../base/ids.ts';
import { type AcceptorState, accept, freshAcceptor, prepare } from './acceptor.ts';
import { type Ballot, compareBallots } from './ballot.ts';
import { Proposer } from './proposer.ts';

const ballot = (round: number, actor = 'a'): Ballot => ({ round, actor: actor as ActorId });
const [x, y, z] = ['x', 'y', 'z'] as NodeId[] as [NodeId, NodeId, NodeId];

describe('an acceptor', () => {
  it('refuses what is below its promise and leaves its state as it is', () => {
    const promised = prepare<string>(freshAcceptor, ballot(2));
    expect(prepare(promised, ballot(1))).toBe(promised);
    expect(accept(promised, ballot(1, 'b'), 'v')).toBe(promised);
  });

  it('promises the same ballot again, since its answer may have been lost', () => {
    const promised = prepare<string>(freshAcceptor, ballot(2));
    expect(prepare(promised, ballot(2)).promised).toEqual(ballot(2));
  });

  it('keeps what it accepted through later promises', () => {
    const state = prepare(accept(freshAcceptor as AcceptorState<string>, ballot(1), 'v'), ballot(2));
    expect(state.accepted?.value).toBe('v');
  });
});

describe('a proposer', () => {
  it('takes over the value accepted under the highest ballot', () => {
    const proposer = new Proposer(ballot(5), [x, y, z], 'mine');
    proposer.promise(x, ballot(5), ballot(5), { ballot: ballot(2), value: 'old' });
    expect(proposer.promise(y, ballot(5), ballot(5), { ballot: ballot(3), value: 'newer' })).toEqual({
      type: 'accept',
      value: 'newer',
    });
  });

  it('counts each voter once, and nobody else', () => {
    const proposer = new Proposer(ballot(1), [x, y, z], 'v');
    expect(proposer.promise(x, ballot(1), ballot(1), null).type).toBe('wait');
    expect(proposer.promise(x, ballot(1), ballot(1), null).type).toBe('wait');
    expect(proposer.promise('w' as NodeId, ballot(1), ballot(1), null).type).toBe('wait');
    expect(proposer.promise(y, ballot(1), ballot(1), null).type).toBe('accept');
    expect(proposer.accepted(z, ballot(1), ballot(1)).type).toBe('wait');
    expect(proposer.accepted(x, ballot(1), ballot(1)).type).toBe('chosen');
  });

  it('remembers who is ahead of it', () => {
    const proposer = new Proposer(ballot(1), [x, y, z], 'v');
    proposer.promise(x, ballot(1), ballot(9), null);
    expect(proposer.refusedBy).toEqual(ballot(9));
  });
});

it('orders ballots by round, then by actor', () => {
  expect(compareBallots(ballot(1, 'b'), ballot(2, 'a'))).toBeLessThan(0);
  expect(compareBallots(ballot(1, 'b'), ballot(1, 'a'))).toBeGreaterThan(0);
  expect(compareBallots(ballot(1), ballot(1))).toBe(0);
});

it('never chooses two values, whatever the schedule', () => {
  const step = fc.record({ proposer: fc.nat(2), voter: fc.nat(2), phase: fc.boolean(), restart: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const voters = [x, y, z];
      const states = new Map<NodeId, AcceptorState<string>>(voters.map((voter) => [voter, freshAcceptor]));
      let round = 1;
      const fresh = (i: number) => ({
        p: new Proposer(ballot(round++, `p${i}`), voters, `v${i}`),
        value: '',
      });
      const proposers = [0, 1, 2].map(fresh);
      const chosen = new Set<string>();
      for (const { proposer: i, voter: v, phase, restart } of steps) {
        if (restart === 0) proposers[i] = fresh(i);
        const proposal = proposers[i]!;
        const voter = voters[v]!;
        const state = states.get(voter)!;
        if (phase) {
          const next = prepare(state, proposal.p.ballot);
          states.set(voter, next);
          const answer = proposal.p.promise(voter, proposal.p.ballot, next.promised, next.accepted);
          if (answer.type === 'accept') proposal.value = answer.value;
        } else if (proposal.value !== '') {
          const next = accept(state, proposal.p.ballot, proposal.value);
          states.set(voter, next);
          const answer = proposal.p.accepted(voter, proposal.p.ballot, next.promised);
          if (answer.type === 'chosen') chosen.add(answer.value);
        }
      }
      expect(chosen.size).toBeLessThanOrEqual(1);
    }),
    { numRuns: 2000 },
  );
});
