import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { emptyRecord, isAccepted, mergeRecords, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { anyStoredRecord } from '../codec/record.arbitrary.ts';
import type { Ballot } from './ballot.ts';
import {
  acceptedAs,
  acceptedBallot,
  acceptKey,
  promisedBallot,
  promiseKey,
  takeCopy,
} from './key-acceptor.ts';
import { foundAmong, standsBy } from './key-found.ts';

const ballot = (round: number, actor = 'a'): Ballot => ({ round, actor: actor as ActorId });

/** `record` with one more write of `actor` in it, in place of all that is there. */
function next(record: StoredRecord, actor: string, counter: number): StoredRecord {
  const dot = { actor: actor as ActorId, counter };
  const hlc = ((record.siblings[0]?.hlc ?? 0) + 1) as Hlc;
  const sibling = { dot, hlc, value: new Uint8Array([counter]), scoped: false, expiresAt: 0, request: '' };
  return writeSibling(record, record.clock, sibling);
}

const plain = next(emptyRecord, 'p', 1);
const other = next(emptyRecord, 'q', 1);

describe('a replica that votes on a key', () => {
  it('promises a higher ballot, and the same one never twice as something new', () => {
    const promised = promiseKey(plain, ballot(2));
    expect(promisedBallot(promised)).toEqual(ballot(2));
    expect(promiseKey(promised, ballot(2))).toBe(promised);
    expect(promiseKey(promised, ballot(1, 'z'))).toBe(promised);
    expect(promised.siblings).toEqual(plain.siblings);
  });

  it('accepts at or above its promise, and nothing below', () => {
    const promised = promiseKey(plain, ballot(3));
    const value = next(plain, 'a+', 1);
    expect(acceptKey(promised, acceptedAs(value, ballot(2)), false)).toBe('outbid');
    const accepted = acceptKey(promised, acceptedAs(value, ballot(3)), false);
    expect(accepted).toMatchObject({ vote: { promised: ballot(3), accepted: ballot(3) } });
    expect(acceptKey(accepted as StoredRecord, acceptedAs(value, ballot(3)), false)).toBe(accepted);
  });

  it('does not forget plain writes it owes to others for a value that does not know of them', () => {
    const value = acceptedAs(other, ballot(1));
    expect(acceptKey(plain, value, true)).toBe('uncovered');
    expect(acceptKey(plain, value, false)).toMatchObject({ siblings: other.siblings });
    const both = acceptedAs(mergeRecords(plain, other), ballot(1));
    expect(acceptKey(plain, both, true)).toMatchObject({ vote: { accepted: ballot(1) } });
  });

  it('takes a copy of an accepted value as its accept come late, and plain copies only before it promises', () => {
    expect(takeCopy(plain, other, false)).toEqual(mergeRecords(plain, other));
    expect(takeCopy(promiseKey(plain, ballot(1)), other, false)).toBeNull();
    const copy = acceptedAs(other, ballot(2));
    expect(takeCopy(plain, copy, false)).toMatchObject({ vote: { accepted: ballot(2) } });
    expect(takeCopy(promiseKey(plain, ballot(3)), copy, false)).toBeNull();
    const later = acceptedAs(plain, ballot(3));
    expect(takeCopy(later, copy, false)).toBe(later);
  });
});

describe('what a majority has said', () => {
  it('is the value accepted under the highest ballot, with no plain write beside it', () => {
    const found = foundAmong([
      acceptedAs(plain, ballot(1)),
      acceptedAs(other, ballot(2)),
      next(emptyRecord, 'r', 1),
    ]);
    expect(found).toMatchObject({ accepted: ballot(2), value: { siblings: other.siblings, vote: null } });
  });

  it('is the merge of the plain records where nothing is accepted', () => {
    const found = foundAmong([promiseKey(plain, ballot(4)), other]);
    expect(found.value).toEqual(mergeRecords(plain, other));
    expect(found.accepted.round).toBe(0);
  });

  it('counts a replica for a value only while it has promised nothing higher', () => {
    const accepted = acceptedAs(plain, ballot(2));
    expect(standsBy(accepted, ballot(2))).toBe(true);
    expect(standsBy(promiseKey(accepted, ballot(3)), ballot(2))).toBe(false);
    expect(standsBy(plain, ballot(0, ''))).toBe(false);
  });
});

it('lets records with votes be merged in any order, any number of times', () => {
  fc.assert(
    fc.property(anyStoredRecord, anyStoredRecord, anyStoredRecord, (a, b, c) => {
      const same = (x: StoredRecord, y: StoredRecord) => {
        expect(promisedBallot(x)).toEqual(promisedBallot(y));
        expect(acceptedBallot(x)).toEqual(acceptedBallot(y));
        // Two values under one ballot are made by this test alone: no proposer makes them.
        if (!isAccepted(x)) expect(x.clock).toEqual(y.clock);
      };
      expect(mergeRecords(a, a)).toBe(a);
      same(mergeRecords(a, b), mergeRecords(b, a));
      same(mergeRecords(mergeRecords(a, b), c), mergeRecords(a, mergeRecords(b, c)));
      expect(mergeRecords(mergeRecords(a, b), b)).toEqual(mergeRecords(a, b));
    }),
  );
});

const voters = 3;

type Message =
  | { readonly type: 'prepare'; readonly to: number; readonly ballot: Ballot }
  | { readonly type: 'promise'; readonly by: number; readonly ballot: Ballot; readonly record: StoredRecord }
  | { readonly type: 'accept'; readonly to: number; readonly record: StoredRecord }
  | { readonly type: 'accepted'; readonly by: number; readonly ballot: Ballot }
  | { readonly type: 'store'; readonly to: number; readonly record: StoredRecord; readonly write: number };

/** Proposers that each add one write to the value, plain writers, and voters, who talk through a bag without order. */
class Bag {
  /** Values chosen, in order of ballot. */
  readonly chosen = new Map<string, StoredRecord>();
  readonly #records: StoredRecord[] = Array.from({ length: voters }, () => emptyRecord);
  readonly #messages: Message[] = [];
  readonly #rounds = new Map<string, { promises: Map<number, StoredRecord>; sent: boolean }>();
  readonly #values = new Map<string, StoredRecord>();
  /** Voters that stored each plain write while they had promised nothing. */
  readonly #stored = new Map<number, Set<number>>();
  readonly #votes = new Map<string, Set<number>>();
  #round = 0;
  #writes = 0;

  propose(by: number): void {
    const mine = ballot(++this.#round, `p${by}`);
    this.#rounds.set(name(mine), { promises: new Map(), sent: false });
    for (let to = 0; to < voters; to++) this.#messages.push({ type: 'prepare', to, ballot: mine });
  }

  /** A plain write, stored first where it is coordinated, if that has promised nothing. */
  write(at: number): void {
    const own = this.#records[at]!;
    if (own.vote !== null) return;
    const write = ++this.#writes;
    const record = next(own, `w${at}`, write);
    for (let to = 0; to < voters; to++) this.#messages.push({ type: 'store', to, record, write });
  }

  /** Plain writes that a majority has stored. */
  get acknowledged(): number[] {
    return [...this.#stored].filter(([, by]) => by.size > voters / 2).map(([write]) => write);
  }

  get size(): number {
    return this.#messages.length;
  }

  deliver(index: number, again: boolean): void {
    const message = this.#messages[index]!;
    if (!again) this.#messages.splice(index, 1);
    switch (message.type) {
      case 'store':
        return this.#store(message.to, message.record, message.write);
      case 'prepare':
        return this.#prepare(message.to, message.ballot);
      case 'accept':
        return this.#accept(message.to, message.record);
      case 'promise':
        return this.#promised(message.by, message.ballot, message.record);
      case 'accepted':
        return this.#accepted(message.by, message.ballot);
    }
  }

  #store(to: number, record: StoredRecord, write: number): void {
    if (this.#records[to]!.vote !== null) return;
    this.#records[to] = mergeRecords(this.#records[to]!, record);
    this.#stored.set(write, (this.#stored.get(write) ?? new Set()).add(to));
  }

  #prepare(to: number, asked: Ballot): void {
    const record = this.#records[to]!;
    const promised = promiseKey(record, asked);
    if (promised === record) return;
    this.#records[to] = promised;
    this.#messages.push({ type: 'promise', by: to, ballot: asked, record });
  }

  #promised(by: number, of: Ballot, record: StoredRecord): void {
    const round = this.#rounds.get(name(of))!;
    round.promises.set(by, record);
    if (round.sent || round.promises.size <= voters / 2) return;
    round.sent = true;
    const { value } = foundAmong([...round.promises.values()]);
    const proposed = acceptedAs(next(value, of.actor, of.round), of);
    this.#values.set(name(of), proposed);
    for (let to = 0; to < voters; to++) this.#messages.push({ type: 'accept', to, record: proposed });
  }

  #accept(to: number, record: StoredRecord): void {
    const accepted = acceptKey(this.#records[to]!, record, false);
    if (typeof accepted === 'string') return;
    this.#records[to] = accepted;
    this.#messages.push({ type: 'accepted', by: to, ballot: acceptedBallot(record) });
  }

  #accepted(by: number, of: Ballot): void {
    const votes = (this.#votes.get(name(of)) ?? new Set()).add(by);
    this.#votes.set(name(of), votes);
    if (votes.size > voters / 2) this.chosen.set(name(of), this.#values.get(name(of))!);
  }
}

const name = ({ round, actor }: Ballot) => `${String(round).padStart(5, '0')}${actor}`;

const anyStep = fc.record({ pick: fc.nat(), again: fc.boolean(), act: fc.nat(40) });

it('chooses values that each follow on the one before, with every plain write that a majority had stored', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 40, maxLength: 300 }), (steps) => {
      const bag = new Bag();
      bag.write(0);
      bag.propose(0);
      for (const { pick, again, act } of steps) {
        if (act < 3) bag.propose(act);
        else if (act < 6) bag.write(act - 3);
        else if (bag.size > 0) bag.deliver(pick % bag.size, again);
      }
      const chain = [...bag.chosen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
      for (const [i, value] of chain.entries()) {
        const before = chain[i - 1];
        const knows = ({ dot }: { readonly dot: StoredRecord['clock'][number] }) =>
          value.clock.some((entry) => entry.actor === dot.actor && entry.counter >= dot.counter);
        expect(before === undefined || before.siblings.every(knows)).toBe(true);
      }
      const last = chain.at(-1);
      if (last === undefined) return;
      for (const write of bag.acknowledged) {
        const known = last.clock.some(({ actor, counter }) => actor.startsWith('w') && counter >= write);
        expect(known).toBe(true);
      }
    }),
    { numRuns: 1500 },
  );
});
