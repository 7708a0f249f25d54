import type { ActorId, MonoMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Dot, VersionVector } from '../causality/record.ts';
import { readClock, writeClock } from '../codec/clock.ts';
import { ByteReader } from '../codec/reader.ts';
import { ByteWriter } from '../codec/writer.ts';
import type { WriteLog } from '../storage/write-log.ts';

export const nodeClockRow = 'm/clock';

/** It goes down with other rows, at most so often, in ms: by itself it is no reason to write. */
const saveEveryMs = 1000;

/**
 * Of every actor, the highest counter among the writes that this node has met in records it stored: what it has *heard*
 * of. It says nothing of the counters below, since a node stores the keys of its own arcs only. After an unclean stop
 * what was heard in the last second may be missing until it is heard again, so it is a lower bound; it never tells of a
 * write that was not made.
 */
export class NodeClock {
  /** In the order in which actors were first heard of. */
  readonly #highest = new Map<ActorId, number>();
  readonly #actorsMax: number;
  #changed = false;
  #savedMs: MonoMs = Number.NEGATIVE_INFINITY;

  constructor(row: Uint8Array | null | undefined | 'corrupt', actorsMax: number = limits.clockActorsMax) {
    this.#actorsMax = actorsMax;
    for (const { actor, counter } of decode(row)) this.#highest.set(actor, counter);
  }

  /** A record with this clock is being stored. */
  note(clock: VersionVector): void {
    for (let i = 0; i < clock.length; i++) {
      const { actor, counter } = clock[i]!;
      const known = this.#highest.get(actor) ?? 0;
      if (counter > known) this.#raise(actor, counter, known === 0);
    }
  }

  /** The clock as it stands, which may tell of writes that are still on their way to the disk. */
  clock(): VersionVector {
    const entries = [...this.#highest].map(([actor, counter]): Dot => ({ actor, counter }));
    return entries.sort((a, b) => (a.actor < b.actor ? -1 : 1));
  }

  /** Stages the row if it has changed and was not saved just now; call where a batch goes down anyway. */
  save(log: WriteLog, nowMs: MonoMs, atOnce = false): void {
    if (!this.#changed || (!atOnce && nowMs - this.#savedMs < saveEveryMs)) return;
    const writer = new ByteWriter();
    writeClock(writer, this.clock());
    log.stage(nodeClockRow, writer.finish());
    this.#changed = false;
    this.#savedMs = nowMs;
  }

  #raise(actor: ActorId, counter: number, isNew: boolean): void {
    this.#highest.set(actor, counter);
    this.#changed = true;
    if (!isNew || this.#highest.size <= this.#actorsMax) return;
    // Actors end with every unclean stop; the one met first is most likely gone for ever.
    const [oldest] = this.#highest.keys();
    if (oldest !== undefined) this.#highest.delete(oldest);
  }
}

function decode(row: Uint8Array | null | undefined | 'corrupt'): VersionVector {
  if (!(row instanceof Uint8Array)) return [];
  const reader = new ByteReader(row);
  const clock = readClock(reader);
  return reader.complete() ? clock : [];
}
