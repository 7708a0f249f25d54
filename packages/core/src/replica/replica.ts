import type { Bucket, Hlc, NodeId, RingEpoch } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { emptyRecord, isTombstone, mergeRecords, recordHlc } from '../causality/dvv-set.ts';
import type { Dot, StoredRecord, VersionVector } from '../causality/record.ts';
import { recordDigest } from '../codec/record.ts';
import type {
  AcceptCall,
  ClockCall,
  PeerMessage,
  PrepareCall,
  ReadCall,
  ReplicaResult,
  StoreCall,
} from '../node/messages.ts';
import { type Ballot, noBallot } from '../paxos/ballot.ts';
import { hasTaken, takeCopy } from '../paxos/key-acceptor.ts';
import type { KeyRef } from '../ring/key.ts';
import type { Ring } from '../ring/ring.ts';
import { KeyVoter, type PrepareEnds, type Promised, type ProposeEnds } from './key-voter.ts';
import type { Entry, RecordStore } from './record-store.ts';
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
  /** This node has the key's record to give to others. */
  owed(ref: KeyRef): boolean;
  /** Too much is waiting for the disk already. */
  overloaded(): boolean;
  heardEpoch(node: NodeId, epoch: RingEpoch): void;
  /**
   * Runs a round of Paxos for the key that has in it what is plain in `record`; `then` hears when its value is chosen,
   * or why it could not be.
   */
  settle(ref: KeyRef, record: StoredRecord, then: (result: ReplicaResult) => void): void;
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
  readonly #voter: KeyVoter;
  #open = 0;

  constructor(host: ReplicaHost) {
    this.#host = host;
    this.#voter = new KeyVoter(host);
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
      this.read(ref, (record) => {
        if (typeof record === 'string') then(record);
        else if (record.vote !== null) then('promised');
        else then({ clock: record.clock, hlc: recordHlc(record), applied });
      }),
    );
  }

  read(ref: KeyRef, then: (record: StoredRecord | Refusal) => void): void {
    if (this.#host.recovering()) return then('recovering');
    this.#durable(ref, then);
  }

  /**
   * Merges `incoming` into the stored record; answers when the result is durable. Minting nothing, it is idempotent. The
   * answer counts towards a quorum of plain writes, so once a promise was made for the key it is refused (rule 1).
   */
  merge(ref: KeyRef, incoming: StoredRecord, then: (result: ReplicaResult) => void): void {
    this.#change(ref, incoming, then, (entry, own) => {
      if (own.vote !== null || incoming.vote !== null) return then('promised');
      this.#replace(entry, own, mergeRecords(own, incoming), then);
    });
  }

  /** Takes over what another replica holds, its promises included, on a node whose own records may have holes. */
  learn(ref: KeyRef, incoming: StoredRecord, then: (result: ReplicaResult) => void): void {
    this.#change(ref, incoming, then, (entry, own) =>
      this.#replace(entry, own, mergeRecords(own, incoming), then),
    );
  }

  /** Stores a copy that no quorum counts: a hint or a hand-over. What the two records cannot settle, a round does. */
  copy(ref: KeyRef, incoming: StoredRecord, then: (result: ReplicaResult) => void): void {
    this.#change(ref, incoming, then, (entry, own) => {
      const taken = takeCopy(own, incoming, this.#host.owed(ref));
      if (taken !== null) return this.#replace(entry, own, taken, then);
      this.#host.settle(ref, incoming, (result) =>
        result === 'ok' ? this.#settled(ref, incoming, then) : then(result),
      );
    });
  }

  /**
   * The round has chosen a value with the copy in it. Other replicas may have made up its majority: whoever sent the copy
   * keeps it until this disk has it too.
   */
  #settled(ref: KeyRef, copy: StoredRecord, then: (result: ReplicaResult) => void): void {
    this.#change(ref, copy, then, (entry, own) => {
      if (!hasTaken(own, copy)) return then('outbid');
      this.#host.records.whenDurable(entry, () => then('ok'));
    });
  }

  #change(
    ref: KeyRef,
    incoming: StoredRecord,
    refused: (result: ReplicaResult) => void,
    change: (entry: Entry, own: StoredRecord) => void,
  ): void {
    this.#host.records.withRecord(ref, (entry) => {
      if (entry.record === null) return refused('corrupt');
      // A new ring may have come while the record came off the disk: what is written now would be left here for ever.
      if (!this.#owns(ref.bucket)) return refused('notReplica');
      if (this.#host.diskLow() && !isTombstone(incoming)) return refused('diskFull');
      change(entry, entry.record);
    });
  }

  #replace(entry: Entry, own: StoredRecord, next: StoredRecord, then: (result: ReplicaResult) => void): void {
    if (next !== own) this.#host.records.write(entry, next);
    this.#host.records.whenDurable(entry, () => then('ok'));
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

  promised(ref: KeyRef, then: (ballot: Ballot) => void): void {
    this.#voter.promised(ref, then);
  }

  prepare(ref: KeyRef, ballot: Ballot, request: string, ends: Omit<PrepareEnds, 'fence'>): void {
    this.#voter.prepare(ref, ballot, request, { ...ends, fence: () => this.#fenceOwn(ref.bucket) });
  }

  propose(ref: KeyRef, ballot: Ballot, ends: Omit<ProposeEnds, 'fence'>): void {
    this.#voter.propose(ref, ballot, { ...ends, fence: () => this.#fenceOwn(ref.bucket) });
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
      if (call.counted) this.merge(call.ref, call.record, answer);
      else this.copy(call.ref, call.record, answer);
    });
  }

  receivePrepare(from: NodeId, call: PrepareCall): void {
    const answer = (result: ReplicaResult, promised: Ballot, seen: Promised | null) =>
      this.#answer(from, {
        kind: 'prepareReply',
        rpc: call.rpc,
        result,
        epoch: this.#epoch(),
        promised,
        record: seen?.record ?? null,
        applied: seen?.applied ?? null,
      });
    const refused = this.#admit(from, call.epoch, call.ref.bucket);
    if (refused !== null) return answer(refused, noBallot, null);
    this.#voter.prepare(call.ref, call.ballot, call.request, {
      fence: () => this.#fence(from, call.epoch, call.ref.bucket),
      promised: (seen) => answer('ok', call.ballot, seen),
      refused: answer,
    });
  }

  receiveAccept(from: NodeId, call: AcceptCall): void {
    const answer = (result: ReplicaResult, promised: Ballot) =>
      this.#answer(from, { kind: 'acceptReply', rpc: call.rpc, result, epoch: this.#epoch(), promised });
    const refused = this.#admit(from, call.epoch, call.ref.bucket);
    if (refused !== null) return answer(refused, noBallot);
    this.#voter.accept(call.ref, call.record, {
      fence: () => this.#fence(from, call.epoch, call.ref.bucket),
      answer,
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

  #fenceOwn(bucket: Bucket): Refusal | null {
    return this.#owns(bucket) ? null : 'notReplica';
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
