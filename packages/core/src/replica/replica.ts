import type { Bucket, Hlc, NodeId, RingEpoch } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { emptyRecord, isTombstone, mergeRecords, recordHlc } from '../causality/dvv-set.ts';
import type { Dot, StoredRecord, VersionVector } from '../causality/record.ts';
import { recordDigest } from '../codec/record.ts';
import type { ClockCall, PeerMessage, ReadCall, ReplicaResult, StoreCall } from '../node/messages.ts';
import type { KeyRef } from '../ring/key.ts';
import type { Ring } from '../ring/ring.ts';
import type { RecordStore } from './record-store.ts';
import type { RequestMemory } from './request-memory.ts';

type Refusal = Exclude<ReplicaResult, 'ok'>;

/** What the replica needs of the node around it. */
export interface ReplicaHost {
  readonly self: NodeId;
  readonly records: RecordStore;
  readonly requests: RequestMemory;
  ring(): Ring | null;
  /** This node's records may have holes: it stores, but its reads prove nothing. */
  recovering(): boolean;
  /** Below the low-water mark: what grows the disk is refused. */
  diskLow(): boolean;
  /** Too much is waiting for the disk already. */
  overloaded(): boolean;
  heardEpoch(node: NodeId, epoch: RingEpoch): void;
  send(to: NodeId, message: PeerMessage): void;
}

interface Seen {
  readonly clock: VersionVector;
  readonly hlc: Hlc;
  readonly applied: Dot | null;
}

/**
 * One replica of many keys: says what it has seen, hands out records, merges records in. It speaks only of what is
 * durable: every answer waits for the newest write of the key it speaks of, because a value that is read and then
 * lost in a crash would have been read out of nothing.
 */
export class Replica {
  readonly #host: ReplicaHost;
  #open = 0;

  constructor(host: ReplicaHost) {
    this.#host = host;
  }

  /** Calls of peers that wait for this node's disk. */
  get openCalls(): number {
    return this.#open;
  }

  bytesOf(ref: KeyRef): number {
    return this.#host.records.bytesOf(ref);
  }

  clock(ref: KeyRef, request: string, then: (seen: Seen | Refusal) => void): void {
    this.#host.requests.find(ref, request, (applied) =>
      this.read(ref, (record) =>
        then(typeof record === 'string' ? record : { clock: record.clock, hlc: recordHlc(record), applied }),
      ),
    );
  }

  read(ref: KeyRef, then: (record: StoredRecord | Refusal) => void): void {
    if (this.#host.recovering()) return then('recovering');
    this.#durable(ref, then);
  }

  /** Merges `incoming` into the stored record; answers when the result is durable. Minting nothing, it is idempotent. */
  merge(ref: KeyRef, incoming: StoredRecord, then: (result: ReplicaResult) => void): void {
    this.#host.records.withRecord(ref, (entry) => {
      if (entry.record === null) return then('corrupt');
      // A new ring may have come while the record came off the disk: what is written now would be left here for ever.
      if (!this.#owns(ref.bucket)) return then('notReplica');
      if (this.#host.diskLow() && !isTombstone(incoming)) return then('diskFull');
      const merged = mergeRecords(entry.record, incoming);
      if (merged !== entry.record) this.#host.records.write(entry, merged);
      this.#host.records.whenDurable(entry, () => then('ok'));
    });
  }

  update(
    ref: KeyRef,
    decide: (record: StoredRecord) => StoredRecord | null,
    durable: () => void,
    refused: (why: Refusal) => void,
  ): void {
    if (this.#host.recovering()) return refused('recovering');
    this.#host.records.withRecord(ref, (entry) => {
      if (entry.record === null) return refused('corrupt');
      const next = decide(entry.record);
      if (next !== null) this.#host.records.write(entry, next);
      this.#host.records.whenDurable(entry, durable);
    });
  }

  receiveClock(from: NodeId, call: ClockCall): void {
    const answer = (result: ReplicaResult, seen: Seen = unseen) =>
      this.#answer(from, { kind: 'clockReply', rpc: call.rpc, result, epoch: this.#epoch(), ...seen });
    const refused = this.#admit(from, call.epoch, call.ref.bucket);
    if (refused !== null) return answer(refused);
    this.clock(call.ref, call.request, (seen) =>
      typeof seen === 'string' ? answer(seen) : answer('ok', seen),
    );
  }

  receiveRead(from: NodeId, call: ReadCall): void {
    const answer = (result: ReplicaResult, record: StoredRecord | null, digest: string) =>
      this.#answer(from, {
        kind: 'readReply',
        rpc: call.rpc,
        result,
        epoch: this.#epoch(),
        record,
        digest,
      });
    const refused = this.#admit(from, call.epoch, call.ref.bucket);
    if (refused !== null) return answer(refused, null, '');
    this.#durable(call.ref, (record) => {
      if (typeof record === 'string') answer(record, null, '');
      else if (this.#host.recovering()) answer('recovering', call.digest ? null : record, '');
      else if (call.digest) answer('ok', null, recordDigest(record));
      else answer('ok', record, '');
    });
  }

  receiveStore(from: NodeId, call: StoreCall): void {
    const answer = (result: ReplicaResult) =>
      this.#answer(from, { kind: 'storeReply', rpc: call.rpc, result, epoch: this.#epoch() });
    const refused = this.#admit(from, call.epoch, call.ref.bucket);
    if (refused !== null) return answer(refused);
    this.#host.records.withRecord(call.ref, () => {
      // The record may have come off the disk after a new ring did: the fence holds at the moment of the write.
      const late = this.#fence(from, call.epoch, call.ref.bucket);
      if (late !== null) return answer(late);
      this.merge(call.ref, call.record, answer);
    });
  }

  /** Takes a call in, or says why not. Each call is answered exactly once, whichever way it ends. */
  #admit(from: NodeId, epoch: RingEpoch, bucket: Bucket): Refusal | null {
    const full = this.#open >= limits.replicaCallsMax || this.#host.overloaded();
    this.#open++;
    return full ? 'overloaded' : this.#fence(from, epoch, bucket);
  }

  #answer(to: NodeId, reply: PeerMessage): void {
    this.#open--;
    this.#host.send(to, reply);
  }

  /**
   * A request is served only under the very epoch it was sent under. An older one may come from a coordinator that
   * counts replicas the key has lost; a newer one speaks of owners this node has not heard of.
   */
  #fence(from: NodeId, epoch: RingEpoch, bucket: Bucket): Refusal | null {
    const ring = this.#host.ring();
    if (ring === null || epoch > ring.epoch) {
      this.#host.heardEpoch(from, epoch);
      return 'unknownEpoch';
    }
    if (epoch < ring.epoch) return 'staleEpoch';
    return ring.isReplica(this.#host.self, bucket) ? null : 'notReplica';
  }

  #owns(bucket: Bucket): boolean {
    return this.#host.ring()?.isReplica(this.#host.self, bucket) ?? false;
  }

  #epoch(): RingEpoch {
    return this.#host.ring()?.epoch ?? 0;
  }

  #durable(ref: KeyRef, then: (record: StoredRecord | 'corrupt') => void): void {
    this.#host.records.withRecord(ref, (entry) => {
      const { record } = entry;
      if (record === null) return then('corrupt');
      this.#host.records.whenDurable(entry, () => then(record));
    });
  }
}

const unseen: Seen = { clock: emptyRecord.clock, hlc: 0 as Hlc, applied: null };
