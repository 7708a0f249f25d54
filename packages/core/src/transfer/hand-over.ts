import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { StoredRecord } from '../causality/record.ts';
import { recordDigest } from '../codec/record.ts';
import type { PeerMessage } from '../node/messages.ts';
import type { KeyRef } from '../ring/key.ts';

/** A replica that says nothing for so long, in ms, has not shown that it holds the record. */
const answerMs = 5000;

export interface HandOverHost {
  epoch(): RingEpoch | null;
  /** Present replicas of the key. */
  replicasOf(ref: KeyRef): readonly NodeId[];
  isReachable(node: NodeId): boolean;
  /** Asks once; answers null if no reply can come or none has come within that time. */
  ask(
    target: NodeId,
    build: (rpc: number) => PeerMessage,
    withinMs: number,
    answered: (reply: PeerMessage | null) => void,
  ): void;
}

/**
 * Makes sure that every replica of a key durably holds what a former owner still has of it, so that its copy may go.
 * The new owners took the key from a majority, which had all that a majority had acknowledged; a write acknowledged by
 * fewer may be durable on the former owner's disk alone. A replica is asked for a digest, and is sent the record if that
 * is not the same: it may have a newer one, and then has nothing to write.
 */
export class HandOver {
  readonly #host: HandOverHost;

  constructor(host: HandOverHost) {
    this.#host = host;
  }

  /** Whether it is of use to try now: a replica that cannot be reached cannot show that it holds anything. */
  possible(ref: KeyRef): boolean {
    const replicas = this.#host.replicasOf(ref);
    return replicas.length > 0 && replicas.every((node) => this.#host.isReachable(node));
  }

  /** Runs `then` once: true if each replica has shown that it durably holds the record, or more. */
  run(ref: KeyRef, record: StoredRecord, then: (held: boolean) => void): void {
    const replicas = this.#host.replicasOf(ref);
    let left = replicas.length;
    let held = left > 0;
    if (left === 0) return then(false);
    for (const node of replicas) {
      this.#give(node, ref, record, (has) => {
        held &&= has;
        if (--left === 0) then(held);
      });
    }
  }

  #give(node: NodeId, ref: KeyRef, record: StoredRecord, then: (has: boolean) => void): void {
    const epoch = this.#host.epoch() ?? 0;
    const read = (rpc: number) => ({ kind: 'read', rpc, epoch, ref, digest: true }) as const;
    this.#host.ask(node, read, answerMs, (seen) => {
      if (seen?.kind !== 'readReply') return then(false);
      if (seen.result === 'ok' && seen.digest === recordDigest(record)) return then(true);
      const store = (rpc: number) => ({ kind: 'store', rpc, epoch, ref, record, counted: false }) as const;
      this.#host.ask(node, store, answerMs, (stored) =>
        then(stored?.kind === 'storeReply' && stored.result === 'ok'),
      );
    });
  }
}
