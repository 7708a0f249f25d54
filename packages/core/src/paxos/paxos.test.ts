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

type Message =
  | { readonly type: 'prepare'; readonly from: number; readonly life: number; readonly voter: NodeId }
  | {
      readonly type: 'accept';
      readonly from: number;
      readonly life: number;
      readonly voter: NodeId;
      readonly value: string;
    }
  | {
      readonly type: 'promise' | 'accepted';
      readonly to: number;
      readonly voter: NodeId;
      readonly ballot: Ballot;
      readonly state: AcceptorState<string>;
    };

/** Three proposers and five voters that talk through a bag, from which messages come in any order, often or never. */
class Bag {
  readonly chosen = new Set<string>();
  readonly #voters = ['v', 'w', 'x', 'y', 'z'] as NodeId[];
  readonly #disks = new Map<NodeId, AcceptorState<string>>(
    this.#voters.map((voter) => [voter, freshAcceptor]),
  );
  readonly #messages: Message[] = [];
  readonly #proposers: Proposer<string>[] = [];
  #round = 0;

  /** A new life of a proposer, with a ballot of its own: it has forgotten all about the last. */
  restart(i: number): void {
    const round = ++this.#round;
    this.#proposers[i] = new Proposer(ballot(round, `p${i}`), this.#voters, `value ${round}`);
    for (const voter of this.#voters) this.#messages.push({ type: 'prepare', from: i, life: round, voter });
  }

  get size(): number {
    return this.#messages.length;
  }

  /** Delivers one message, and leaves it in the bag to be delivered again unless it is the `last` time. */
  deliver(index: number, last: boolean): void {
    const message = this.#messages[index]!;
    if (last) this.#messages.splice(index, 1);
    if (message.type === 'prepare' || message.type === 'accept') return this.#vote(message);
    const proposer = this.#proposers[message.to]!;
    const { promised, accepted } = message.state;
    const step =
      message.type === 'promise'
        ? proposer.promise(message.voter, message.ballot, promised, accepted)
        : proposer.accepted(message.voter, message.ballot, promised);
    if (step.type === 'chosen') this.chosen.add(step.value);
    if (step.type !== 'accept') return;
    for (const voter of this.#voters) {
      const { round } = proposer.ballot;
      this.#messages.push({ type: 'accept', from: message.to, life: round, voter, value: step.value });
    }
  }

  #vote(message: Message & { readonly type: 'prepare' | 'accept' }): void {
    const { from, voter, life } = message;
    const asked = ballot(life, `p${from}`);
    const disk = this.#disks.get(voter)!;
    const state = message.type === 'prepare' ? prepare(disk, asked) : accept(disk, asked, message.value);
    this.#disks.set(voter, state);
    const type = message.type === 'prepare' ? 'promise' : 'accepted';
    this.#messages.push({ type, to: from, voter, ballot: asked, state });
  }
}

/** One draw of a schedule: which message (or which proposer starts anew), and whether it may come again. */
const anyStep = fc.record({ pick: fc.nat(), again: fc.boolean(), restart: fc.nat(60) });

it('never chooses two values, whatever is lost, repeated, late or forgotten, and chooses one in the end', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 50, maxLength: 400 }), (steps) => {
      const bag = new Bag();
      for (let i = 0; i < 3; i++) bag.restart(i);
      for (const { pick, again, restart } of steps) {
        if (restart < 3) bag.restart(restart);
        else if (bag.size > 0) bag.deliver(pick % bag.size, !again);
      }
      expect(bag.chosen.size).toBeLessThanOrEqual(1);
      // Left alone with whole messages, one more ballot above all others gets through.
      bag.restart(0);
      while (bag.size > 0) bag.deliver(bag.size - 1, true);
      expect(bag.chosen.size).toBe(1);
    }),
    { numRuns: 2000 },
  );
});
