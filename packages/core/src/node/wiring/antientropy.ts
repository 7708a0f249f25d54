/** What comparing replicas needs of the node. */
import { AntiEntropy } from '../../antientropy/anti-entropy.ts';
import type { Difference } from '../../antientropy/bucket-listing.ts';
import { answerMs, type SharedBuckets } from '../../antientropy/descent.ts';
import type { Versions } from '../../antientropy/difference-list.ts';
import type { RepairAim, Repaired } from '../../antientropy/exchange.ts';
import { recordHash, sameHash } from '../../antientropy/record-hash.ts';
import type { Foreground } from '../../antientropy/repair-budget.ts';
import { Tree } from '../../antientropy/tree.ts';
import type { NodeId, RingEpoch } from '../../base/ids.ts';
import { randomHex } from '../../base/random.ts';
import { emptyRecord, mergeRecords, sameRecord } from '../../causality/dvv-set.ts';
import type { StoredRecord, VersionVector } from '../../causality/record.ts';
import type { KeyRef } from '../../ring/key.ts';
import type { Parts } from '../parts.ts';
import type { StatsReport } from '../view.ts';
import { ask } from './ask.ts';
import { damagedRow, diskBehind } from './replica.ts';

/** Of the id of a comparison that an operator asked for. */
const syncIdDigits = 16;

export function makeTree(parts: Parts): Tree {
  const host = {
    timers: parts.timers,
    ...storeOf(parts),
    log: parts.log,
    withRecord: (ref: KeyRef, then: (record: StoredRecord | null) => void) =>
      parts.records.withRecord(ref, (entry) => then(entry.record)),
    putRight: (buckets: number) =>
      parts.event({
        type: 'warning',
        code: 'tree_put_right',
        message: `the hash tree did not tell what is stored in ${buckets} buckets and was put right`,
      }),
  };
  return new Tree(host, parts.tuning);
}

export function makeAntiEntropy(parts: Parts): AntiEntropy {
  const host = {
    self: parts.options.nodeId,
    timers: parts.timers,
    store: storeOf(parts),
    wallMs: () => parts.wallMs(),
    freshId: () => randomHex(parts.random, syncIdDigits),
    ring: () => parts.consensus.current(),
    requestsInFlight: () => parts.coordinator.inFlight,
    isReachable: (node: NodeId) => parts.swim.isAlive(node),
    leaves: () => parts.tree.leaves,
    recovering: () => parts.ownership.recovering,
    busy: () => diskBehind(parts),
    whenDurable: (then: () => void) => parts.log.whenDurable(parts.log.lastSeq, then),
    heardEpoch: parts.heardEpoch,
    send: (to: NodeId, message: Parameters<Parts['send']>[1]) => void parts.send(to, message),
    ask: (...args: Tail<Parameters<typeof ask>>) => ask(parts, ...args),
    repair: (...args: Tail<Parameters<typeof repair>>) => repair(parts, ...args),
  };
  return new AntiEntropy(host, parts.tuning);
}

type Tail<List> = List extends [unknown, ...infer Rest] ? Rest : never;

function storeOf(parts: Parts) {
  return {
    disk: parts.disk,
    inMemory: (row: string) => parts.records.inMemory(row),
    damaged: (row: string) => damagedRow(parts, row),
  };
}

/** Merges what the peer holds of a key into what this node holds, and the other way round where the peer lacks something. */
function repair(
  parts: Parts,
  { ref, peerHolds }: Difference,
  { peer, epoch }: SharedBuckets,
  aim: RepairAim,
  done: (repaired: Repaired) => void,
): void {
  const both = (theirs: StoredRecord) => bringTogether(parts, { ref, theirs, peer, epoch }, aim, done);
  if (!peerHolds) return both(emptyRecord);
  const read = (rpc: number) => ({ kind: 'read', rpc, epoch, ref, digest: false }) as const;
  ask(parts, peer, read, answerMs, (reply) => {
    if (reply?.kind !== 'readReply' || reply.result !== 'ok' || reply.record === null) return done(neither);
    both(reply.record);
  });
}

const neither: Repaired = { pulled: false, pushed: false };

interface Pair {
  readonly ref: KeyRef;
  readonly theirs: StoredRecord;
  readonly peer: NodeId;
  readonly epoch: RingEpoch;
}

function bringTogether(
  parts: Parts,
  pair: Pair,
  { pull, push, dryRun }: RepairAim,
  done: (repaired: Repaired) => void,
): void {
  const { ref, theirs } = pair;
  parts.replica.read(ref, (own) => {
    if (typeof own === 'string') return done(neither);
    const both = mergeRecords(own, theirs);
    const lacks = { here: pull && both !== own, there: push && !sameRecord(both, theirs) };
    if (dryRun) return done({ pulled: lacks.here, pushed: lacks.there });
    const stored = { pulled: !lacks.here, pushed: !lacks.there };
    const told = { pulled: false, pushed: false };
    const ended = (which: keyof Repaired, isStored: boolean) => {
      stored[which] = true;
      told[which] = isStored;
      // Only what was stored was repaired: what was refused is met again by the next comparison.
      if (isStored)
        parts.event({
          type: 'repair',
          key: ref.key,
          replica: which === 'pulled' ? parts.options.nodeId : pair.peer,
        });
      if (stored.pulled && stored.pushed) done(told);
    };
    if (!lacks.here && !lacks.there) return done(neither);
    if (lacks.here) parts.replica.copy(ref, theirs, (result) => ended('pulled', result === 'ok'));
    // Of a push alone, what the peer has and this node does not stays as it is.
    if (lacks.there) store(parts, pair, both, (isStored) => ended('pushed', isStored));
  });
}

function store(
  parts: Parts,
  { ref, peer, epoch }: Pair,
  record: StoredRecord,
  then: (isStored: boolean) => void,
): void {
  const build = (rpc: number) => ({ kind: 'store', rpc, epoch, ref, record, counted: false }) as const;
  ask(parts, peer, build, answerMs, (reply) => then(reply?.kind === 'storeReply' && reply.result === 'ok'));
}

/** What this node and a peer have seen of one key. */
export function versionsOf(
  parts: Parts,
  { ref, peerHolds }: Difference,
  { peer, epoch }: SharedBuckets,
  then: (versions: Versions) => void,
): void {
  const compare = (theirs: StoredRecord | null) =>
    parts.replica.read(ref, (own) => {
      const ours = typeof own === 'string' ? null : own;
      then({ here: seenBy(ours), there: seenBy(theirs), same: isSame(ref, ours, theirs) });
    });
  if (!peerHolds) return compare(emptyRecord);
  const read = (rpc: number) => ({ kind: 'read', rpc, epoch, ref, digest: false }) as const;
  ask(parts, peer, read, answerMs, (reply) => compare(reply?.kind === 'readReply' ? reply.record : null));
}

function seenBy(record: StoredRecord | null): VersionVector | null {
  return record === null || record.clock.length === 0 ? null : record.clock;
}

function isSame(ref: KeyRef, ours: StoredRecord | null, theirs: StoredRecord | null): boolean {
  return ours !== null && theirs !== null && sameHash(recordHash(ref, ours), recordHash(ref, theirs));
}

/** What clients make all nodes do, as those have told: the busiest of them, and the slowest. */
export function foregroundOf(reports: readonly StatsReport[]): Foreground {
  let perSecond = 0;
  let p99Ms: number | null = null;
  for (const { stats } of reports) {
    perSecond = Math.max(perSecond, (stats.reads?.perSecond ?? 0) + (stats.writes?.perSecond ?? 0));
    for (const each of [stats.reads, stats.writes])
      if (each !== null && each.perSecond > 0) p99Ms = Math.max(p99Ms ?? 0, each.p99Ms);
  }
  return { perSecond, p99Ms };
}
