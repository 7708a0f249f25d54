/** What comparing replicas needs of the node. */
import { AntiEntropy } from '../../antientropy/anti-entropy.ts';
import type { Difference } from '../../antientropy/exchange.ts';
import { Tree } from '../../antientropy/tree.ts';
import type { NodeId } from '../../base/ids.ts';
import { emptyRecord, mergeRecords, sameRecord } from '../../causality/dvv-set.ts';
import type { StoredRecord } from '../../causality/record.ts';
import type { KeyRef } from '../../ring/key.ts';
import type { Parts } from '../parts.ts';
import { ask } from './ask.ts';
import { damagedRow, diskBehind } from './replica.ts';

/** A replica that says nothing for so long, in ms, is not waited for. */
const answerMs = 5000;

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
    ring: () => parts.consensus.current(),
    isReachable: (node: NodeId) => parts.swim.isAlive(node),
    leaves: () => parts.tree.leaves,
    recovering: () => parts.ownership.recovering,
    busy: () => diskBehind(parts),
    heardEpoch: parts.heardEpoch,
    send: (to: NodeId, message: Parameters<Parts['send']>[1]) => void parts.send(to, message),
    ask: (...args: Tail<Parameters<typeof ask>>) => ask(parts, ...args),
    repair: (difference: Difference, peer: NodeId, done: () => void) => repair(parts, difference, peer, done),
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
function repair(parts: Parts, difference: Difference, peer: NodeId, done: () => void): void {
  const { ref, peerHolds } = difference;
  if (!peerHolds) return bringTogether(parts, ref, emptyRecord, peer, done);
  const epoch = parts.consensus.current()?.epoch ?? 0;
  const read = (rpc: number) => ({ kind: 'read', rpc, epoch, ref, digest: false }) as const;
  ask(parts, peer, read, answerMs, (reply) => {
    if (reply?.kind !== 'readReply' || reply.result !== 'ok' || reply.record === null) return done();
    bringTogether(parts, ref, reply.record, peer, done);
  });
}

function bringTogether(
  parts: Parts,
  ref: KeyRef,
  theirs: StoredRecord,
  peer: NodeId,
  done: () => void,
): void {
  parts.replica.read(ref, (own) => {
    if (typeof own === 'string') return done();
    const both = mergeRecords(own, theirs);
    // Only what was stored was repaired: what was refused is met again by the next comparison.
    const repaired = (replica: NodeId) => parts.event({ type: 'repair', key: ref.key, replica });
    if (both !== own)
      parts.replica.copy(ref, theirs, (result) => {
        if (result === 'ok') repaired(parts.options.nodeId);
      });
    if (sameRecord(both, theirs)) return done();
    const epoch = parts.consensus.current()?.epoch ?? 0;
    const store = (rpc: number) =>
      ({ kind: 'store', rpc, epoch, ref, record: both, counted: false }) as const;
    ask(parts, peer, store, answerMs, (reply) => {
      if (reply?.kind === 'storeReply' && reply.result === 'ok') repaired(peer);
      done();
    });
  });
}
