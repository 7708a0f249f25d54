/**
 * The slow truth about causality. Every write of a key is an event with the explicit set of events it superseded, so
 * what a version vector only implies can be checked against what was really seen. The ghost learns of events from the
 * record rows that machines write, and of contexts from what clients were shown.
 */
import type { Bucket, WallMs } from '@starling/core/base/ids.ts';
import { formatDot } from '@starling/core/causality/dot.ts';
import type { Sibling, StoredRecord, VersionVector } from '@starling/core/causality/record.ts';
import { covers } from '@starling/core/causality/version-vector.ts';
import { decodeRecord } from '@starling/core/codec/record.ts';
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { Observer } from '../sim/observer.ts';
import type { SimProcess } from '../sim/process.ts';
import { Violation } from '../sim/violation.ts';
import type { Ledger, SeenContext, WriteEntry } from '../workload/ledger.ts';
import { decodeValue } from '../workload/values.ts';

/** One write, for ever. */
export interface GhostEvent {
  readonly dot: string;
  /** As it was first written. */
  readonly sibling: Sibling;
  readonly row: string;
  /** The client's write, or null if no client sent it. */
  readonly write: WriteEntry | null;
  /** Everything this write knew of and replaced, whatever that had replaced included. */
  readonly past: Set<GhostEvent>;
  /** What was replaced, by anybody, in the record this write was made in: a client may be told that it is gone. */
  readonly gone: ReadonlySet<GhostEvent>;
}

/** A node replaced its record of a key. `minted`: the new event, if this very write made one. */
export interface Applied {
  readonly process: SimProcess;
  readonly row: string;
  /** null: nothing was there. */
  readonly before: StoredRecord | null;
  readonly after: StoredRecord;
  readonly minted: GhostEvent | null;
}

export interface GhostListener {
  applied?(applied: Applied): void;
  /** The node removed its record of a key. */
  dropped?(process: SimProcess, row: string, before: StoredRecord | null): void;
}

export const recordPrefix = 'd/';

/** The bucket of a record row: the first digits of the hash in it, which the machine has worked out and checked. */
export function bucketOfRow(row: string): Bucket {
  return Number.parseInt(row.slice(recordPrefix.length, recordPrefix.length + 4), 16);
}

export class CausalGhost implements Observer {
  readonly #ledger: Ledger;
  readonly #listeners: GhostListener[] = [];
  readonly #events = new Map<string, GhostEvent>();
  readonly #byRow = new Map<string, GhostEvent[]>();
  /** Newest record by process and row, written but maybe not durable. */
  readonly #latest: Map<string, StoredRecord | null>[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  listen(...listeners: GhostListener[]): void {
    this.#listeners.push(...listeners);
  }

  /** Rows that were ever written, in order of their first write. */
  rows(): Iterable<string> {
    return this.#byRow.keys();
  }

  eventsOf(row: string): readonly GhostEvent[] {
    return this.#byRow.get(row) ?? [];
  }

  eventOf(dot: string): GhostEvent | null {
    return this.#events.get(dot) ?? null;
  }

  /** What the process last wrote under a row in this life, durable or not; else what its disk held at the start. */
  latest(process: SimProcess, row: string): StoredRecord | null {
    return this.#of(process).get(row) ?? null;
  }

  /** What is on the disk now may be read into memory before it is damaged, so it is noted at once. */
  booted(process: SimProcess): void {
    const latest = this.#of(process);
    latest.clear();
    for (const row of process.disk.durableRows()) {
      if (row.startsWith(recordPrefix)) latest.set(row, durableRecord(process, row));
    }
  }

  wrote(process: SimProcess, _seq: number, rows: readonly RowWrite[]): void {
    for (const [row, bytes] of rows) if (row.startsWith(recordPrefix)) this.#write(process, row, bytes);
  }

  /** The events a record stands for: its siblings and all that they replaced. */
  downset(record: StoredRecord): Set<GhostEvent> {
    const known = new Set<GhostEvent>();
    for (const sibling of record.siblings) this.#addWithPast(known, formatDot(sibling.dot));
    return known;
  }

  /**
   * What a client that holds this context knows of: exactly what it was shown, and those tombstones and expired values
   * that the context covers, since an absence is shown without its dot. What these had replaced it knows of as far as the
   * context covers it: its own dot covers older ones of the same node, which the client was not shown.
   */
  knownBy(seen: SeenContext, row: string): Set<GhostEvent> {
    const known = new Set<GhostEvent>();
    for (const dot of seen.dots) this.#addWithPast(known, dot);
    const { clock } = seen.context;
    for (const event of this.#events.get(seen.own ?? '')?.gone ?? []) {
      if (covers(clock, event.sibling.dot)) addCovered(known, event, clock);
    }
    for (const event of this.eventsOf(row)) {
      const absent = event.sibling.value === null || expiredBy(event.sibling, seen.wallMs);
      if (absent && covers(clock, event.sibling.dot)) addCovered(known, event, clock);
    }
    return known;
  }

  #write(process: SimProcess, row: string, bytes: Uint8Array | null): void {
    const before = this.latest(process, row);
    if (bytes === null) {
      this.#of(process).set(row, null);
      for (const listener of this.#listeners) listener.dropped?.(process, row, before);
      return;
    }
    const after = decodeRecord(bytes);
    if (after === null)
      throw new Violation('I6', `${process.nodeId} wrote a record that does not decode: ${row}`);
    const minted = this.#learn(process, row, after);
    this.#of(process).set(row, after);
    const applied: Applied = { process, row, before, after, minted };
    for (const listener of this.#listeners) listener.applied?.(applied);
  }

  #learn(process: SimProcess, row: string, after: StoredRecord): GhostEvent | null {
    let minted: GhostEvent | null = null;
    for (const sibling of after.siblings) {
      const dot = formatDot(sibling.dot);
      const known = this.#events.get(dot);
      if (known !== undefined) {
        if (after.vote !== null && after.vote.accepted.round > 0) this.#extend(known, after);
        continue;
      }
      if (!dot.startsWith(`${process.nodeId}~`)) {
        throw new Violation('I6', `${process.nodeId} holds ${dot}, which its own node never wrote down`);
      }
      minted = this.#mint(dot, row, sibling, after);
    }
    return minted;
  }

  #mint(dot: string, row: string, sibling: Sibling, after: StoredRecord): GhostEvent {
    const write = this.#writerOf(sibling);
    const past = this.#pastOf(row, write, after);
    const gone = this.downset(after);
    for (const kept of after.siblings) gone.delete(this.#events.get(formatDot(kept.dot))!);
    const event: GhostEvent = { dot, sibling, row, write, past, gone };
    this.#events.set(dot, event);
    const events = this.#byRow.get(row);
    if (events === undefined) this.#byRow.set(row, [event]);
    else events.push(event);
    return event;
  }

  /** A plain write that was proposed after a replica had refused it follows on all that it then found. */
  #extend(event: GhostEvent, after: StoredRecord): void {
    // What stands beside others was merged: who of them knew of what is as it was.
    if (after.siblings.length > 1) return;
    const kept = new Set(after.siblings.map((sibling) => formatDot(sibling.dot)));
    for (const other of this.eventsOf(event.row)) {
      if (!kept.has(other.dot) && covers(after.clock, other.sibling.dot)) event.past.add(other);
    }
  }

  #writerOf(sibling: Sibling): WriteEntry | null {
    if (sibling.value === null) return this.#ledger.writeByRequest(sibling.request);
    const decoded = decodeValue(sibling.value);
    return decoded === null ? null : this.#ledger.writeById(decoded.id);
  }

  /** Without a context: all that was there to be seen, as far as the record claims it. */
  #pastOf(row: string, write: WriteEntry | null, after: StoredRecord): Set<GhostEvent> {
    if (write === null || write.seen === null) {
      const kept = new Set(after.siblings.map((sibling) => formatDot(sibling.dot)));
      return new Set(
        this.eventsOf(row).filter((event) => !kept.has(event.dot) && covers(after.clock, event.sibling.dot)),
      );
    }
    return this.knownBy(write.seen, row);
  }

  #addWithPast(into: Set<GhostEvent>, dot: string): void {
    const event = this.#events.get(dot);
    if (event === undefined || into.has(event)) return;
    into.add(event);
    for (const older of event.past) into.add(older);
  }

  #of(process: SimProcess): Map<string, StoredRecord | null> {
    const known = this.#latest[process.index];
    if (known !== undefined) return known;
    const made = new Map<string, StoredRecord | null>();
    this.#latest[process.index] = made;
    return made;
  }
}

function addCovered(into: Set<GhostEvent>, event: GhostEvent, clock: VersionVector): void {
  into.add(event);
  for (const older of event.past) if (covers(clock, older.sibling.dot)) into.add(older);
}

/** Whether a node whose clock read `wallMs` at most could take the value for expired. */
export function expiredBy({ expiresAt }: Pick<Sibling, 'expiresAt'>, wallMs: WallMs): boolean {
  return expiresAt !== 0 && expiresAt <= wallMs;
}

/** The record that would be left after a power cut now, or null. */
export function durableRecord(process: SimProcess, row: string): StoredRecord | null {
  const bytes = process.disk.durable(row);
  return bytes === null ? null : decodeRecord(bytes);
}
