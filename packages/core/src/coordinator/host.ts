import type { ActorId, Hlc, NodeId, RingEpoch, WallMs } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { Timers } from '../base/timers.ts';
import type { HlcClock } from '../causality/hlc.ts';
import type { Dot, StoredRecord, VersionVector } from '../causality/record.ts';
import type { ReplicaResult } from '../node/messages.ts';
import type { Ballot } from '../paxos/ballot.ts';
import type { KeyRef } from '../ring/key.ts';
import type { Ring } from '../ring/ring.ts';
import type { CallTable } from './call-table.ts';
import type { KeyTurns } from './key-turns.ts';
import type { PeerLatency } from './latency.ts';

/** Why a replica could not do what was asked of it. */
export type Refusal = Exclude<ReplicaResult, 'ok'>;

/** What a replica has seen of a key. */
export interface SeenClock {
  readonly clock: VersionVector;
  readonly hlc: Hlc;
  readonly applied: Dot | null;
}

/** The replica on this very node, as the coordinator uses it. Every answer waits for the durability it speaks of. */
export interface LocalReplica {
  /** Bytes of the key's record if it is in memory, else 0. */
  bytesOf(ref: KeyRef): number;
  clock(ref: KeyRef, request: string, then: (seen: SeenClock | Refusal) => void): void;
  read(ref: KeyRef, then: (record: StoredRecord | Refusal) => void): void;
  merge(ref: KeyRef, record: StoredRecord, then: (result: ReplicaResult) => void): void;
  /** Stores a copy that no quorum counts. */
  copy(ref: KeyRef, record: StoredRecord, then: (result: ReplicaResult) => void): void;
  /**
   * Decides on the record as it stands and replaces it in the same step; `decide` answers null to leave it.
   * `durable` runs when the new record is on stable storage. A refusal means `decide` was never called.
   */
  update(
    ref: KeyRef,
    decide: (record: StoredRecord) => StoredRecord | null,
    durable: () => void,
    refused: (why: Refusal) => void,
  ): void;
  /** The highest ballot promised here for the key. */
  promised(ref: KeyRef, then: (ballot: Ballot) => void): void;
  /** Paxos, phase 1, asked of this node. `promised` runs when the promise is on stable storage. */
  prepare(
    ref: KeyRef,
    ballot: Ballot,
    request: string,
    ends: {
      promised(seen: { readonly record: StoredRecord; readonly applied: Dot | null }): void;
      refused(why: Refusal, promised: Ballot): void;
    },
  ): void;
  /**
   * Phase 2, begun on this node: `decide` is given the record as it stands, and its answer is accepted in the same step,
   * in which `proposed` is called too. `durable` runs when it is on stable storage.
   */
  propose(
    ref: KeyRef,
    ballot: Ballot,
    ends: {
      decide(own: StoredRecord): StoredRecord | null;
      proposed(value: StoredRecord): void;
      durable(): void;
      refused(why: Refusal, promised: Ballot): void;
    },
  ): void;
}

/** Keeps a write of this node safe until each of its replicas has it. */
export interface Unsettled {
  /** Called in the step that writes the record: notes durably that this write is on its way. */
  begin(dot: Dot, ref: KeyRef): void;
  /** The write is over: every replica acknowledged it but those `missing`, which are owed it from now on. */
  settle(dot: Dot, ref: KeyRef, missing: readonly NodeId[]): void;
}

/** What coordination needs of the node around it. */
export interface CoordinatorHost {
  readonly self: NodeId;
  readonly timers: Timers;
  readonly random: Random;
  readonly hlc: HlcClock;
  readonly calls: CallTable;
  readonly latency: PeerLatency;
  readonly local: LocalReplica;
  readonly unsettled: Unsettled;
  wallMs(): WallMs;
  ring(): Ring | null;
  /** The next dot of this node, or null while none may be issued. `seen` is everything known of the key. */
  mint(seen: VersionVector): Dot | null;
  /** Whose turn it is to run rounds of Paxos for a key. */
  readonly turns: KeyTurns;
  /** An actor for one ballot: no other ballot of any life has it, so none is ever used for two values. */
  ballotActor(): ActorId;
  /** False for a node that membership holds for dead or gone. */
  isReachable(node: NodeId): boolean;
  /** A peer has spoken of a ring epoch; when it is newer than ours, it is fetched from that peer. */
  heardEpoch(node: NodeId, epoch: RingEpoch): void;
  /** A replica was found behind and sent the merged record. */
  repaired(ref: KeyRef, replica: NodeId): void;
}
