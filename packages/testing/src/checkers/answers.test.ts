import type { Hlc, NodeId } from '@starling/core/base/ids.ts';
import type { Dot } from '@starling/core/causality/record.ts';
import { encodeRecord } from '@starling/core/codec/record.ts';
import type { Explain, WriteResult } from '@starling/core/coordinator/request.ts';
import { countsRow, encodeCounts } from '@starling/core/node/meta-rows.ts';
import { indexRow } from '@starling/core/ring/rows.ts';
import { expect, it } from 'vitest';
import type { ListEntry, ReadEntry } from '../workload/ledger.ts';
import { encodeValue } from '../workload/values.ts';
import { NoPhantom } from './i03-no-phantom.ts';
import { FailedStaysInvisible } from './i04-failed-stays-invisible.ts';
import { CausalContextLaw } from './i05-causal-context.ts';
import { Sessions } from './i15-sessions.ts';
import { refOf } from './i25-durability-order.ts';
import { Expiry } from './i35-expiry.ts';
import { Listings } from './i36-listings.ts';
import { Explanations } from './i37-explanations.ts';
import { DerivedRows } from './i38-derived-rows.ts';
import { ConflictsListed } from './i39-conflicts-listed.ts';
import { ClockHeard } from './i41-clock-heard.ts';
import {
  type Actor,
  asked,
  begin,
  broken,
  dot,
  guarded,
  key,
  read,
  record,
  ref,
  row,
  seenBy,
  sibling,
  stageWallMs,
} from './stage.test-kit.ts';

const a1 = dot('n1', 1);
const nothing = seenBy([]);

it('I3: a value nobody sent, and one of another key', () => {
  const { checker } = guarded(1, ({ context }) => new NoPhantom(context));
  expect(broken(() => checker.answeredRead?.(key, read(sibling(a1, 7).value), nothing, asked()))).toBe('I3');
  expect(broken(() => checker.answeredRead?.('r/1', read(sibling(a1, 1).value), nothing, asked()))).toBe(
    'I3',
  );
  expect(broken(() => checker.answeredRead?.(key, read(new Uint8Array([34, 34])), nothing, asked()))).toBe(
    'I3',
  );
});

it('I4: a failed write that is read, before or after it has failed', () => {
  const { checker, ledger } = guarded(1, ({ context }) => new FailedStaysInvisible(context));
  const entry = begin(ledger);
  const value = sibling(a1, 1).value;
  expect(broken(() => checker.answeredRead?.(key, read(value), nothing, asked()))).toBeNull();
  entry.attempts[0]!.outcome = 'failed';
  expect(broken(() => checker.audit?.())).toBe('I4');
  expect(broken(() => checker.answeredRead?.(key, read(value), nothing, asked()))).toBe('I4');
});

it('I5: a read whose context covers what was neither shown nor gone', () => {
  const causal = 'c/0';
  const { checker, ledger, ghost, actors } = guarded(1, ({ context }) => new CausalContextLaw(context));
  begin(ledger, null, causal);
  const held = record([a1], { ...sibling(a1, 1), value: encodeValue(causal, 1) });
  ghost.wrote(actors[0]!.process, 1, [[refOf(causal).row, encodeRecord(held)]]);
  const told = (dots: string[]) =>
    broken(() => checker.answeredRead?.(causal, read(), seenBy(dots, [a1], causal), asked()));
  expect(told(['n1~1.0:1'])).toBeNull();
  expect(told([])).toBe('I5');
});

it('I15: a read that misses what its client was shown, or wrote, before', () => {
  const { checker, ledger } = guarded(1, ({ context }) => new Sessions(context));
  const hears = (clock: readonly Dot[], at: ReadEntry) =>
    broken(() => checker.answeredRead?.(key, { ...read(), context: { clock, hlc: 0 as Hlc } }, nothing, at));
  checker.answeredRead?.(key, read(sibling(a1, 1).value), nothing, asked(1));
  expect(hears([], asked(1))).toBeNull();
  expect(hears([], asked(3, { count: 0 }))).toBeNull();
  expect(hears([], asked(3))).toBe('I15');
  const entry = { ...begin(ledger), returnedAt: 4 };
  checker.answeredWrite?.(entry, { dot: 'n1~1.0:2' } as WriteResult);
  expect(hears([a1], asked(5))).toBe('I15');
  expect(hears([dot('n1', 2)], asked(5))).toBeNull();
});

it('I15: what was deleted leaves the disks, and with it all that told of it', () => {
  const { checker, actors, write } = guarded(1, ({ context }) => new Sessions(context));
  const told = () => broken(() => checker.answeredRead?.(key, read(), nothing, asked(3)));
  write(actors[0]!, record([a1], sibling(a1, 1)));
  checker.answeredRead?.(key, read(sibling(a1, 1).value), nothing, asked(1));
  expect(told()).toBe('I15');
  const a2 = dot('n1', 2);
  write(actors[0]!, record([a2], { ...sibling(a2, 2), value: null }));
  expect(told()).toBeNull();
});

it('I5: an expired value is covered by a context without being shown, one that still lives is not', () => {
  const causal = 'c/0';
  for (const [expiresAt, finding] of [
    [stageWallMs, null],
    [stageWallMs + 1, 'I5'],
  ] as const) {
    const { checker, ledger, ghost, actors } = guarded(1, ({ context }) => new CausalContextLaw(context));
    begin(ledger, null, causal);
    const held = record([a1], { ...sibling(a1, 1), value: encodeValue(causal, 1), expiresAt });
    ghost.wrote(actors[0]!.process, 1, [[refOf(causal).row, encodeRecord(held)]]);
    expect(broken(() => checker.answeredRead?.(causal, read(), seenBy([], [a1], causal), asked()))).toBe(
      finding,
    );
  }
});

it('I35: a value shown at the very time it expires, by the clock of the node that shows it', () => {
  const { checker, actors } = guarded(1, ({ context }) => new Expiry(context));
  const { process } = actors[0]!;
  const shown = (expiresAt: number, forwardedBy: string | null) => {
    const answer = read(sibling(a1, 1).value);
    const winner = { ...answer.winner!, expiresAt };
    const explain = { forwardedBy } as Explain;
    return broken(() => checker.replied?.(process, 1, { ...answer, winner, explain }));
  };
  expect(shown(0, null)).toBeNull();
  expect(shown(stageWallMs + 1, null)).toBeNull();
  expect(shown(stageWallMs, null)).toBe('I35');
  expect(shown(stageWallMs, 'n2')).toBeNull();
  const answer = {
    ...read(),
    winner: null,
    siblings: [{ dot: 'n1~1.0:1', hlc: 1 as never, value: null, expiresAt: 1 }],
  };
  const forwarded = { kind: 'forwardReply', rpc: 1, answer } as const;
  expect(broken(() => checker.sent?.(process, 'n2' as NodeId, forwarded))).toBe('I35');
});

it('I36: a page that leaves a key out, invents one, is out of order or goes on from elsewhere', () => {
  const { checker, ledger } = guarded(1, ({ context }) => new Listings(context));
  for (const of of ['r/0', 'r/1']) {
    const entry = begin(ledger, null, of);
    Object.assign(entry, { dot: 'n1~1.0:1', returnedAt: ledger.stamp() });
  }
  const calledAt = ledger.stamp();
  const whole: ListEntry = {
    prefix: 'r/',
    after: '',
    limit: 2,
    contested: false,
    calledAt,
    returnedAt: ledger.stamp(),
    keys: ['r/0', 'r/1'],
    next: null,
  };
  const told = (page: Partial<ListEntry>) => broken(() => checker.answeredList?.({ ...whole, ...page }));
  expect(told({})).toBeNull();
  expect(told({ keys: ['r/0'] })).toBe('I36');
  expect(told({ keys: ['r/0'], next: 'r/0' })).toBeNull();
  expect(told({ keys: ['r/0'], contested: true })).toBeNull();
  expect(told({ keys: ['r/2'], contested: true })).toBe('I36');
  expect(told({ keys: ['r/1'], after: 'r/0' })).toBeNull();
  expect(told({ keys: ['r/0', 'r/1', 'r/2'], limit: 3 })).toBe('I36');
  expect(told({ limit: 1 })).toBe('I36');
  expect(told({ keys: ['r/1', 'r/0'] })).toBe('I36');
  expect(told({ keys: ['r/0'], next: 'r/1' })).toBe('I36');
  // Before the writes were acknowledged, nobody was owed their keys.
  expect(told({ keys: [], calledAt: 0 })).toBeNull();
});

it('I38: a live key that is not listed, a listed one that is not live, counts that are off', () => {
  const { checker, actors } = guarded(1, ({ context }) => new DerivedRows(context));
  const [{ disk, corrupt, machine }] = actors as [Actor];
  const bytes = encodeRecord(record([dot('n1', 1)], sibling(dot('n1', 1), 1)));
  const found = () => broken(() => checker.quiesced?.());
  const count = (keys: number, recordBytes: number) => {
    machine['counts'] = () => ({ keys, tombstones: 0, recordBytes });
    disk.set(countsRow, encodeCounts({ keys, tombstones: 0, recordBytes }));
  };
  count(1, bytes.length);
  disk.set(ref.row, bytes);
  expect(found()).toBe('I38');
  disk.set(indexRow(ref), new Uint8Array(0));
  expect(found()).toBeNull();
  count(2, bytes.length);
  expect(found()).toBe('I38');
  count(1, bytes.length + 1);
  expect(found()).toBe('I38');
  disk.delete(ref.row);
  count(0, 0);
  expect(found()).toBe('I38');
  // What is damaged says nothing, and nothing is known of it.
  corrupt.add(ref.row);
  expect(found()).toBeNull();
});

it('I37: an explanation that names another taker, answers before questions, or too few of them', () => {
  const { checker, actors } = guarded(2, ({ context }) => new Explanations(context), { coldStart: false });
  const step = { replica: 'n1', phase: 'read', sentUs: 5, answeredUs: 9, result: 'ok', closedQuorum: true };
  const whole = {
    coordinator: 'n1',
    forwardedBy: null,
    ringEpoch: 1,
    bucket: 0,
    replicas: ['n1', 'n2'],
    pending: [],
    needed: 1,
    steps: [step],
    totalUs: 10,
  };
  const told = (explain: object) => {
    const answer = { ...read(), explain: { ...whole, ...explain } as unknown as Explain };
    return broken(() => checker.replied?.(actors[0]!.process, 1, answer));
  };
  expect(told({})).toBeNull();
  expect(told({ coordinator: 'n2', forwardedBy: 'n1' })).toBeNull();
  expect(told({ coordinator: 'n2' })).toBe('I37');
  expect(told({ forwardedBy: 'n1' })).toBe('I37');
  expect(told({ steps: [{ ...step, answeredUs: 4 }] })).toBe('I37');
  expect(told({ needed: 2 })).toBe('I37');
  expect(told({ steps: [step, { ...step, replica: 'n3' }] })).toBe('I37');
});

it('I39: a conflict that is not listed, and a listed key that is settled', () => {
  const { checker, actors } = guarded(1, ({ context }) => new ConflictsListed(context));
  const { disk } = actors[0]!;
  const rest = () => broken(() => checker.quiesced?.());
  const listed = new Uint8Array(0);
  const b1 = dot('n2', 1);
  const rival = sibling(b1, 2);
  disk.set(row, encodeRecord(record([a1], sibling(a1, 1))));
  expect(rest()).toBeNull();
  disk.set('c/default/r/0', listed);
  expect(rest()).toBe('I39');
  disk.set(row, encodeRecord(record([a1, b1], rival, sibling(a1, 1))));
  expect(rest()).toBeNull();
  disk.delete('c/default/r/0');
  expect(rest()).toBe('I39');
  // A delete that hides nothing leaves nothing to settle.
  const scoped = { ...rival, value: null, scoped: true };
  disk.set(row, encodeRecord(record([a1, b1], scoped, sibling(a1, 1))));
  expect(rest()).toBeNull();
});

it('I41: a clock that has not heard of what its node stored, and one that tells of what nobody wrote', () => {
  const { checker, write, actors } = guarded(1, ({ context }) => new ClockHeard(context));
  const [actor] = actors;
  let clock = [dot('n1', 1)];
  actor!.machine['clock'] = () => clock;
  const rest = () => broken(() => checker.quiesced?.());
  write(actor!, record([dot('n1', 1)], sibling(dot('n1', 1), 1)));
  expect(rest()).toBeNull();
  clock = [];
  expect(rest()).toBe('I41');
  clock = [dot('n1', 2)];
  expect(rest()).toBe('I41');
  // What an earlier life has stored may be forgotten with it.
  checker.booted?.(actor!.process);
  clock = [];
  expect(rest()).toBeNull();
});
