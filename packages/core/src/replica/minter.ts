import { assert } from '../base/assert.ts';
import type { ActorId, NodeId } from '../base/ids.ts';
import { type Random, randomHex } from '../base/random.ts';
import type { Dot } from '../causality/record.ts';
import { ByteReader } from '../codec/reader.ts';
import { ByteWriter } from '../codec/writer.ts';
import type { WriteLog } from '../storage/write-log.ts';

export const actorRow = 'm/actor';

/** Counters leased in one durable step. One write of a small row per 100 000 dots costs nothing measurable. */
export const counterLeaseDots = 100_000;

export interface MinterState {
  readonly actor: ActorId;
  /** No counter at or above this one may be issued before a later lease is durable. */
  readonly leaseEnd: number;
  /** Highest counter issued; known exactly only after a clean stop. */
  readonly issued: number;
}

/** What the minter found at boot, beside its own row. */
export interface MinterBoot {
  readonly nodeId: NodeId;
  readonly bootCounter: number;
  /** The last stop was clean and nothing written since the first boot can be missing. */
  readonly trusted: boolean;
  readonly state: MinterState | null;
}

/**
 * Issues dots, each at most once for ever (Riak's kv679 is what happens otherwise).
 *
 * Counters are node-wide and run on over a clean restart. After any other start the tail of the history is in
 * doubt, so the node becomes a new actor: `node~boot.random`. The boot counter tells an operator which life wrote a
 * dot; the 32 random bits keep two lives apart that both believe to be the n-th, as after a restored directory.
 * Counters are leased durably ahead of use, so the disk always bounds what may have been issued.
 */
export class Minter {
  readonly #log: WriteLog;
  readonly #random: Random;
  readonly #nodeId: NodeId;
  readonly #bootCounter: number;
  #actor: ActorId;
  #issued: number;
  #leaseEnd: number;
  /** The lease as far as it is durable: what may be issued now. */
  #durableEnd = 0;
  #renewing = false;

  constructor(log: WriteLog, random: Random, boot: MinterBoot) {
    this.#log = log;
    this.#random = random;
    this.#nodeId = boot.nodeId;
    this.#bootCounter = boot.bootCounter;
    const known = boot.trusted ? boot.state : null;
    this.#actor = known?.actor ?? this.#newActor();
    this.#issued = known?.issued ?? 0;
    this.#leaseEnd = this.#issued + 1;
    this.#renew();
  }

  get actor(): ActorId {
    return this.#actor;
  }

  /** Highest counter issued by the present actor. */
  get issued(): number {
    return this.#issued;
  }

  /** The next dot, or null while no lease is durable (at boot, or if the disk is slower than a lease lasts). */
  mint(): Dot | null {
    const counter = this.#issued + 1;
    if (counter >= this.#durableEnd) return null;
    assert(counter < this.#leaseEnd, 'a counter is issued only within a lease');
    this.#issued = counter;
    if (this.#durableEnd - counter < counterLeaseDots / 2) this.#renew();
    return { actor: this.#actor, counter };
  }

  /** Becomes a new actor at once: this node's record of its own writes may have a hole. */
  raiseEpoch(): void {
    this.#actor = this.#newActor();
    this.#issued = 0;
    this.#leaseEnd = 1;
    this.#durableEnd = 0;
    this.#renewing = false;
    this.#renew();
  }

  /** Stages the exact counter for a clean stop. Nothing may be minted after this. */
  stageFinal(): void {
    this.#durableEnd = 0;
    this.#stage();
  }

  #newActor(): ActorId {
    return `${this.#nodeId}~${this.#bootCounter.toString(36)}.${randomHex(this.#random, 8)}` as ActorId;
  }

  #renew(): void {
    if (this.#renewing) return;
    this.#renewing = true;
    this.#leaseEnd += counterLeaseDots;
    const { actor } = this;
    const end = this.#leaseEnd;
    this.#log.whenDurable(this.#stage(), () => {
      if (this.#actor !== actor) return;
      this.#durableEnd = end;
      this.#renewing = false;
    });
  }

  #stage(): number {
    const writer = new ByteWriter();
    writer.varint(this.#leaseEnd);
    writer.varint(this.#issued);
    writer.text(this.#actor);
    return this.#log.stage(actorRow, writer.finish());
  }
}

/** Reads a minter's row; null if there is none or it is damaged. */
export function decodeMinterState(row: Uint8Array | null | undefined | 'corrupt'): MinterState | null {
  if (!(row instanceof Uint8Array)) return null;
  const reader = new ByteReader(row);
  const leaseEnd = reader.varint();
  const issued = reader.varint();
  const actor = reader.text(200) as ActorId;
  return reader.complete() ? { actor, leaseEnd, issued } : null;
}
