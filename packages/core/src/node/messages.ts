import type { Bucket, Hlc, RingEpoch } from '../base/ids.ts';
import type { Dot, StoredRecord, VersionVector } from '../causality/record.ts';
import type { ClientAnswer, ClientRequest } from '../coordinator/request.ts';
import type { Ballot } from '../paxos/ballot.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import type { KeyRef } from '../ring/key.ts';
import type { RingMessage } from '../ring/messages.ts';
import type { TransferProgress } from './ownership.ts';
import type { NodeCounts, NodeStats } from './view.ts';

/**
 * What a replica says of one request. Anything but `ok` means: nothing was done and this answer counts towards no
 * quorum. `recovering`: the replica may have lost what it acknowledged; a reply that carries records then shows what it
 * has left. `staleEpoch`: the request's ring epoch is older than the replica's own, which the reply carries.
 * `unknownEpoch`: it is newer, and the replica is fetching that ring. `notReplica`: the key is not the replica's.
 * `promised`: the replica has made a promise for the key, whose writes are agreed on by Paxos since. `outbid`: it has
 * promised a higher ballot. `uncovered`: it holds plain writes that the proposed value does not know of.
 */
export type ReplicaResult =
  | 'ok'
  | 'staleEpoch'
  | 'unknownEpoch'
  | 'notReplica'
  | 'recovering'
  | 'overloaded'
  | 'diskFull'
  | 'corrupt'
  | 'promised'
  | 'outbid'
  | 'uncovered';

interface Call {
  /** Chosen by the caller, unique among its open calls. */
  readonly rpc: number;
}

interface ReplicaCall extends Call {
  /** Ring epoch by which the caller chose this replica. */
  readonly epoch: RingEpoch;
  readonly ref: KeyRef;
}

interface ReplicaReply extends Call {
  readonly result: ReplicaResult;
  /** The replica's own ring epoch. */
  readonly epoch: RingEpoch;
}

/** First round of a write: what has this replica seen of the key? */
export interface ClockCall extends ReplicaCall {
  readonly kind: 'clock';
  /** `Sibling.request` of the write to come; empty if its client gave no request id. */
  readonly request: string;
}

export interface ClockReply extends ReplicaReply {
  readonly kind: 'clockReply';
  readonly clock: VersionVector;
  /** Highest HLC among the siblings; 0 for a key never written. */
  readonly hlc: Hlc;
  /** The dot under which this request was already applied here, if it was. */
  readonly applied: Dot | null;
}

/** With `digest`, the reply carries no record, only its digest. */
export interface ReadCall extends ReplicaCall {
  readonly kind: 'read';
  readonly digest: boolean;
}

export interface ReadReply extends ReplicaReply {
  readonly kind: 'readReply';
  /** null when only a digest was asked for, or the result is neither `ok` nor `recovering`. */
  readonly record: StoredRecord | null;
  /** 16 hex digits over the canonical bytes of the record; empty when the result is not `ok`. */
  readonly digest: string;
}

/** Merge a record into the replica's own and make it durable. */
export interface StoreCall extends ReplicaCall {
  readonly kind: 'store';
  readonly record: StoredRecord;
  /**
   * The answer counts towards the quorum of a plain write or of a read's write-back: a replica that has made a promise for
   * the key must then refuse. Otherwise it is a copy, which such a replica takes by a round of its own if it has to.
   */
  readonly counted: boolean;
}

export interface StoreReply extends ReplicaReply {
  readonly kind: 'storeReply';
}

/** Paxos for one key, phase 1: promise this ballot, and say what you hold. */
export interface PrepareCall extends ReplicaCall {
  readonly kind: 'prepare';
  readonly ballot: Ballot;
  /** `Sibling.request` of the write to come; empty for none. */
  readonly request: string;
}

export interface PrepareReply extends ReplicaReply {
  readonly kind: 'prepareReply';
  /** The highest ballot promised for the key: that of the call if the result is `ok`. */
  readonly promised: Ballot;
  /** With the result `ok`: the record as it was before this promise, its vote included. Else null. */
  readonly record: StoredRecord | null;
  /** The dot under which this request was already applied here, if it was. */
  readonly applied: Dot | null;
}

/** Phase 2: accept this value under the ballot that its vote names. */
export interface AcceptCall extends ReplicaCall {
  readonly kind: 'accept';
  readonly record: StoredRecord;
}

export interface AcceptReply extends ReplicaReply {
  readonly kind: 'acceptReply';
  readonly promised: Ballot;
}

/** A client's request passed to a replica by a node that is none. `deadlineAt` is carried as milliseconds left. */
export interface ForwardCall extends Call {
  readonly kind: 'forward';
  readonly epoch: RingEpoch;
  readonly request: ClientRequest;
}

export interface ForwardReply extends Call {
  readonly kind: 'forwardReply';
  readonly answer: ClientAnswer;
}

/** Live keys of this node after `after` with `prefix`, ascending by UTF-8 bytes, at most `limit`; or those in conflict. */
export interface KeysCall extends Call {
  readonly kind: 'keys';
  readonly epoch: RingEpoch;
  readonly table: string;
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
  readonly contested: boolean;
}

export interface KeysReply extends ReplicaReply {
  readonly kind: 'keysReply';
  readonly keys: readonly string[];
  /** No key of this node lies beyond the last one given. */
  readonly done: boolean;
}

/** Records of the buckets `from` to `to` (both included) after row `after`, for a node that takes them over. */
export interface PullCall extends Call {
  readonly kind: 'pull';
  readonly epoch: RingEpoch;
  /** Ascending, 1 to `limits.pullRangesMax`. */
  readonly ranges: readonly BucketRange[];
  readonly after: string;
}

export interface PullReply extends ReplicaReply {
  readonly kind: 'pullReply';
  readonly records: readonly { readonly ref: KeyRef; readonly record: StoredRecord }[];
  /** Pass as `after` for the next page; null when the ranges are done. */
  readonly next: string | null;
}

/**
 * Compares the hash trees over the buckets that two nodes share under one ring epoch. Without `groups`: are our sums of
 * everything the same, and if not, what are your sums of each group of buckets? With them: what are your leaves in these?
 */
export interface TreeCall extends Call {
  readonly kind: 'tree';
  readonly epoch: RingEpoch;
  /** The asker's sum over all shared buckets, as 16 hex digits. */
  readonly root: string;
  readonly groups: readonly number[];
}

export interface TreeReply extends ReplicaReply {
  readonly kind: 'treeReply';
  /** Eight bytes for each group, or for each bucket of each group asked for; none if the sums of everything are the same. */
  readonly hashes: Uint8Array;
}

/** What do you hold in this bucket behind row `after`? */
export interface BucketCall extends Call {
  readonly kind: 'bucket';
  readonly epoch: RingEpoch;
  readonly bucket: Bucket;
  readonly after: string;
}

export interface BucketReply extends ReplicaReply {
  readonly kind: 'bucketReply';
  readonly records: readonly { readonly ref: KeyRef; readonly hash: string }[];
  /** Pass as `after` for the next page; null when the bucket is done. */
  readonly next: string | null;
}

/** Asks a node for its clock: of every actor, the newest write it has heard of. */
export interface NodeClockCall extends Call {
  readonly kind: 'nodeClock';
}

export interface NodeClockReply extends Call {
  readonly kind: 'nodeClockReply';
  readonly clock: VersionVector;
}

/** Once a second to every live peer. */
export interface StatsMessage {
  readonly kind: 'stats';
  readonly stats: NodeStats;
  readonly counts: NodeCounts;
  readonly transfer: TransferProgress | null;
}

/** Everything one node says to another over the reliable connection. */
export type PeerMessage =
  | ClockCall
  | ClockReply
  | ReadCall
  | ReadReply
  | StoreCall
  | StoreReply
  | PrepareCall
  | PrepareReply
  | AcceptCall
  | AcceptReply
  | ForwardCall
  | ForwardReply
  | KeysCall
  | KeysReply
  | PullCall
  | PullReply
  | TreeCall
  | TreeReply
  | BucketCall
  | BucketReply
  | NodeClockCall
  | NodeClockReply
  | StatsMessage
  | RingMessage;
