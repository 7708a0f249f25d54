import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { Timers } from '../base/timers.ts';
import { emptyRecord, mergeRecords } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import type { PeerMessage } from '../node/messages.ts';
import type { KeyRef } from '../ring/key.ts';
import { majorityOf, recoveryNeeded } from './plan.ts';

/** Pause before replicas that could not answer are asked again, in ms. */
const retryMs = 1000;
/** Replicas that say nothing for so long, in ms, are not waited for: an answer may be lost. */
const answerMs = 5000;
/** Damaged records mended at one time. */
const mendingMax = 16;

export interface RecordRepairHost {
  readonly self: NodeId;
  readonly timers: Timers;
  epoch(): RingEpoch | null;
  /** Present replicas of the key: this node is none of them while it takes the key over. */
  replicasOf(ref: KeyRef): readonly NodeId[];
  /** Asks once; answers null if no reply can come or none has come within that time. */
  ask(
    target: NodeId,
    build: (rpc: number) => PeerMessage,
    withinMs: number,
    answered: (reply: PeerMessage | null) => void,
  ): void;
  /** Puts the mended record in the damaged one's place; does nothing if it has been replaced meanwhile. */
  restore(ref: KeyRef, record: StoredRecord): void;
  /** The mended record is all that is left, but a replica that was recovering has had to do for a sound one. */
  mendedInDoubt(ref: KeyRef): void;
}

/**
 * Mends records whose bytes fail their checksum. A damaged record counts for nothing, so what replaces it must know of
 * every acknowledged write it may have held: as many other replicas are merged as a recovering node must ask.
 *
 * One that is recovering may have lost such a write too, so it does not count. But where every other replica has shown
 * what it has, nobody is left who could know more: to wait on would be to wait for one that waits for this very record.
 */
export class RecordRepair {
  readonly #host: RecordRepairHost;
  readonly #damaged = new Map<string, KeyRef>();
  readonly #mending = new Set<string>();

  constructor(host: RecordRepairHost) {
    this.#host = host;
  }

  /** Records known to be damaged and not mended yet. */
  get size(): number {
    return this.#damaged.size;
  }

  report(ref: KeyRef): void {
    if (this.#damaged.has(ref.row)) return;
    this.#damaged.set(ref.row, ref);
    this.#work();
  }

  #work(): void {
    for (const ref of this.#damaged.values()) {
      if (this.#mending.size >= mendingMax) return;
      if (!this.#mending.has(ref.row)) this.#mend(ref);
    }
  }

  #mend(ref: KeyRef): void {
    this.#mending.add(ref.row);
    const replicas = this.#host.replicasOf(ref);
    const others = replicas.filter((node) => node !== this.#host.self);
    // While this node takes the key over it is none of them, and needs a majority, as the take-over itself does.
    const needed = replicas.includes(this.#host.self)
      ? recoveryNeeded(replicas.length)
      : majorityOf(replicas.length);
    const epoch = this.#host.epoch();
    if (epoch === null || others.length === 0) return this.#again(ref);
    let merged = emptyRecord;
    let good = 0;
    let shown = 0;
    let left = others.length;
    const finish = () => {
      if (good < needed && shown < others.length) return this.#again(ref);
      if (good < needed) this.#host.mendedInDoubt(ref);
      this.#mended(ref, merged);
    };
    for (const node of others) {
      const build = (rpc: number) => ({ kind: 'read', rpc, epoch, ref, digest: false }) as const;
      this.#host.ask(node, build, answerMs, (reply) => {
        if (reply?.kind === 'readReply' && reply.record !== null) {
          merged = mergeRecords(merged, reply.record);
          shown++;
          if (reply.result === 'ok') good++;
        }
        if (--left === 0) finish();
      });
    }
  }

  #mended(ref: KeyRef, record: StoredRecord): void {
    this.#host.restore(ref, record);
    this.#damaged.delete(ref.row);
    this.#mending.delete(ref.row);
    this.#work();
  }

  #again(ref: KeyRef): void {
    this.#host.timers.after(retryMs, () => {
      this.#mending.delete(ref.row);
      this.#work();
    });
  }
}
