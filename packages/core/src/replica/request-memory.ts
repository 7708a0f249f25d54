import type { ActorId, WallMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { isAccepted } from '../causality/dvv-set.ts';
import { wallOf } from '../causality/hlc.ts';
import type { Dot, StoredRecord } from '../causality/record.ts';
import { ByteReader } from '../codec/reader.ts';
import { ByteWriter } from '../codec/writer.ts';
import { compareBallots } from '../paxos/ballot.ts';
import { acceptedBallot } from '../paxos/key-acceptor.ts';
import type { KeyRef } from '../ring/key.ts';
import { prefixEnd, requestPrefix } from '../ring/rows.ts';
import type { Disk, ScanPage } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';

/** Rows looked at in one step of forgetting: keeps each step under a millisecond. */
const forgetRowsMax = 256;

/**
 * Which client requests have been applied here, so that a retry is answered instead of applied again. Written in the
 * batch of the record that first carries the request, by whatever path it came, and kept after a later write has
 * superseded it.
 */
export class RequestMemory {
  readonly #log: WriteLog;
  readonly #disk: Disk;
  readonly #wallMs: () => WallMs;
  /** Rows staged but maybe not yet durable: a read effect would not show them. */
  readonly #recent = new Map<string, { readonly seq: number; readonly dot: Dot }>();

  constructor(log: WriteLog, disk: Disk, wallMs: () => WallMs) {
    this.#log = log;
    this.#disk = disk;
    this.#wallMs = wallMs;
  }

  /**
   * Notes the requests that `after` carries and `before` did not. One that is only accepted here may never be chosen: of a
   * value under Paxos those are noted that it says were.
   */
  note(ref: KeyRef, before: StoredRecord, after: StoredRecord): void {
    if (isAccepted(after)) {
      const known = compareBallots(acceptedBallot(before), acceptedBallot(after)) === 0;
      return known ? undefined : this.#noteSettled(ref, after);
    }
    for (const { request, dot } of after.siblings) {
      if (
        request === '' ||
        before.siblings.some((known) => known.dot.counter === dot.counter && known.dot.actor === dot.actor)
      )
        continue;
      this.#note(ref, request, dot);
    }
  }

  /** Notes once more the requests that the record carries: their rows may be lost. Those made too long ago are left out. */
  noteAgain(ref: KeyRef, record: StoredRecord): void {
    if (isAccepted(record)) return this.#noteSettled(ref, record);
    const oldest = this.#wallMs() - limits.requestMemoryMs;
    for (const { request, dot, hlc } of record.siblings)
      if (request !== '' && wallOf(hlc) >= oldest) this.#note(ref, request, dot);
  }

  #noteSettled(ref: KeyRef, { vote }: StoredRecord): void {
    for (const { request, dot } of vote?.recent.slice(0, vote.settled) ?? []) this.#note(ref, request, dot);
  }

  #note(ref: KeyRef, request: string, dot: Dot): void {
    const row = rowOf(ref, request);
    const seq = this.#log.stage(row, encode(dot, this.#wallMs()));
    this.#recent.set(row, { seq, dot });
    this.#log.whenDurable(seq, () => {
      if (this.#recent.get(row)?.seq === seq) this.#recent.delete(row);
    });
  }

  /** The dot under which `request` was applied to the key here, or null. */
  find(ref: KeyRef, request: string, then: (dot: Dot | null) => void): void {
    if (request === '') return then(null);
    const row = rowOf(ref, request);
    const recent = this.#recent.get(row);
    if (recent !== undefined) return then(recent.dot);
    this.#disk.read([row], ([value]) => {
      const known = value instanceof Uint8Array ? decode(value) : null;
      then(known === null || known.at + limits.requestMemoryMs < this.#wallMs() ? null : known.dot);
    });
  }

  /** Forgets what is too old, a page at a time; `after` is where the last step ended, empty to start over. */
  forget(after: string, then: (next: string) => void): void {
    const range = {
      after: after === '' ? requestPrefix : after,
      until: prefixEnd(requestPrefix),
      rowsMax: forgetRowsMax,
      bytesMax: 1 << 20,
    };
    this.#disk.scan(range, (page) => then(this.#forgetPage(page)));
  }

  #forgetPage(page: ScanPage): string {
    const oldest = this.#wallMs() - limits.requestMemoryMs;
    for (const [row, value] of page.rows) {
      const known = value instanceof Uint8Array ? decode(value) : null;
      if (known === null || known.at < oldest) this.#log.stage(row, null);
    }
    return page.done ? '' : (page.rows.at(-1)?.[0] ?? '');
  }
}

function rowOf(ref: KeyRef, request: string): string {
  return `${requestPrefix}${request}/${ref.row}`;
}

/** Filled and emptied within one call. */
const scratch = new ByteWriter();

function encode(dot: Dot, at: WallMs): Uint8Array {
  const writer = scratch.clear();
  writer.varint(Math.max(0, Math.floor(at)));
  writer.varint(dot.counter);
  writer.text(dot.actor);
  return writer.finish();
}

function decode(bytes: Uint8Array): { readonly dot: Dot; readonly at: WallMs } | null {
  const reader = new ByteReader(bytes);
  const at = reader.varint();
  const counter = reader.varint();
  const actor = reader.text(200);
  return reader.complete() ? { at, dot: { actor: actor as ActorId, counter } } : null;
}
