/** Random records for property tests. A dot names one write for ever, so what a sibling holds follows from its dot. */
import fc from 'fast-check';
import type { ActorId, Hlc } from '../base/ids.ts';
import { utf8Bytes } from '../base/utf8.ts';
import type { AppliedRequest, Dot, Sibling, StoredRecord, VersionVector } from '../causality/record.ts';
import { compareBallots, noBallot } from '../paxos/ballot.ts';
import { sha256Hex64 } from '../ring/sha256.ts';
import { HeldRecord } from './held-record.ts';
import { compareSiblings } from './sibling-order.ts';

export const anyActor = fc.constantFrom(
  'a',
  'b',
  'n1~0.00c0ffee',
  'n1~1.deadbeef',
  'node-2~zz.01234567',
  'é',
) as fc.Arbitrary<ActorId>;
export const anyCounter = fc.oneof(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
export const anyHlc = fc.nat(Number.MAX_SAFE_INTEGER) as fc.Arbitrary<Hlc>;
export const anyDot: fc.Arbitrary<Dot> = fc.record({ actor: anyActor, counter: anyCounter });

export const anyClock: fc.Arbitrary<VersionVector> = fc
  .uniqueArray(anyDot, { selector: (dot) => dot.actor, maxLength: 6 })
  .map((entries) => entries.sort((a, b) => (a.actor < b.actor ? -1 : 1)));

export const anyRecord: fc.Arbitrary<StoredRecord> = fc
  .tuple(anyClock, fc.array(fc.nat(), { maxLength: 5 }))
  .map(([clock, picks]) => {
    const siblings = new Map<string, Sibling>();
    for (const pick of picks) {
      const entry = clock[pick % clock.length];
      if (entry === undefined) continue;
      const dot = { actor: entry.actor, counter: Math.max(1, entry.counter - (pick % 3)) };
      siblings.set(`${dot.actor}:${dot.counter}`, siblingOf(dot));
    }
    return new HeldRecord(clock, [...siblings.values()].sort(compareSiblings));
  });

const anyBallot = fc.record({ round: fc.integer({ min: 1, max: 9 }), actor: anyActor });

const anyApplied: fc.Arbitrary<AppliedRequest> = fc.record({
  request: fc.stringMatching(/^[0-9a-f]{16}$/),
  dot: anyDot,
});

/** A value accepted under a ballot. */
export const anyAcceptedRecord: fc.Arbitrary<StoredRecord> = fc
  .tuple(anyRecord, anyBallot, anyBallot, fc.array(anyApplied, { maxLength: 3 }), fc.nat(3))
  .map(([{ clock, siblings }, a, b, recent, most]) => {
    const [accepted, promised] = compareBallots(a, b) <= 0 ? [a, b] : [b, a];
    return new HeldRecord(clock, siblings, null, {
      promised,
      accepted,
      recent,
      settled: Math.min(most, recent.length),
    });
  });

/** Plain writes of a key that a ballot was promised for. */
const anyPromisedRecord: fc.Arbitrary<StoredRecord> = fc
  .tuple(anyRecord, anyBallot)
  .map(
    ([{ clock, siblings }, promised]) =>
      new HeldRecord(clock, siblings, null, { promised, accepted: noBallot, recent: [], settled: 0 }),
  );

/** A record as a replica may hold it, with a vote or without. */
export const anyStoredRecord = fc.oneof(anyRecord, anyPromisedRecord, anyAcceptedRecord);

function siblingOf(dot: Dot): Sibling {
  const chance = sha256Hex64(utf8Bytes(`${dot.actor}:${dot.counter}`));
  const bits = Number.parseInt(chance.slice(0, 4), 16);
  const value = bits & 1 ? new Uint8Array(bits % 300).fill(bits) : null;
  return {
    dot,
    hlc: (bits % 5 === 0 ? 7 : Number.parseInt(chance.slice(4, 15), 16)) as Hlc,
    value,
    scoped: value === null && (bits & 2) !== 0,
    expiresAt: value !== null && bits & 4 ? bits + 0.5 : 0,
    request: bits & 8 ? chance : '',
  };
}
