/** What the replica and its records need of the node. */
import { isBlank } from '../../causality/dvv-set.ts';
import { actorRow, decodeMinterState, Minter } from '../../replica/minter.ts';
import { RecordStore } from '../../replica/record-store.ts';
import { Replica } from '../../replica/replica.ts';
import { type KeyRef, keyRefOfRow } from '../../ring/key.ts';
import type { ReadRow } from '../input.ts';
import type { Parts } from '../parts.ts';

export function makeRecords(parts: Parts): RecordStore {
  return new RecordStore(parts.log, parts.disk, {
    cacheBytesMax: parts.tuning.cacheBytesMax,
    onCorrupt: (ref) => corrupted(parts, ref),
    onChange: (ref, before, after) => parts.tree.wrote(ref, before, after),
    onWrite: (ref, before, after) => {
      parts.countsChanged();
      parts.clock.note(after.clock);
      parts.requests.note(ref, before, after);
      parts.expiry.note(ref, before, after);
    },
    onCounted: () => parts.countsChanged(),
    onConflict: ({ key }, contested) =>
      parts.event({ type: 'conflict', key, change: contested ? 'found' : 'settled' }),
  });
}

/** A damaged record may have held dots of our own: from now on we mint as somebody else. */
function corrupted(parts: Parts, ref: KeyRef): void {
  parts.event({ type: 'corrupt', row: ref.row });
  parts.minter.raiseEpoch();
  parts.recordRepair.report(ref);
}

/**
 * A scan met a row whose bytes are damaged. If a good copy is in memory, writing it again mends the row; else reading
 * the record finds the damage and has it mended from other replicas.
 */
export function damagedRow(parts: Parts, row: string): void {
  const ref = keyRefOfRow(row);
  if (ref === null) return;
  parts.records.withRecord(ref, (entry) => {
    if (entry.record !== null && !isBlank(entry.record)) parts.records.write(entry, entry.record);
  });
}

export function makeReplica(parts: Parts): Replica {
  return new Replica({
    self: parts.options.nodeId,
    records: parts.records,
    requests: parts.requests,
    ring: () => parts.consensus.current(),
    recovering: () => parts.ownership.recovering,
    diskLow: () => parts.diskLow,
    owed: (ref) => parts.hintStore.holds(ref) || parts.unsettled.holds(ref),
    settle: (ref, record, then) => parts.coordinator.settle(ref, record, then),
    overloaded: () => diskBehind(parts),
    heardEpoch: parts.heardEpoch,
    send: (to, message) => void parts.send(to, message),
  });
}

export function makeMinter(parts: Parts, meta: ReadonlyMap<string, ReadRow>): Minter {
  const { cleanShutdown, historyIntact, fresh, bootCounter } = parts.boot;
  return new Minter(parts.log, parts.random, {
    nodeId: parts.options.nodeId,
    bootCounter,
    trusted: cleanShutdown && historyIntact && !fresh,
    state: decodeMinterState(meta.get(actorRow)),
  });
}

export function diskBehind(parts: Parts): boolean {
  return parts.log.pendingBytes > parts.tuning.writeBytesPendingMax;
}
