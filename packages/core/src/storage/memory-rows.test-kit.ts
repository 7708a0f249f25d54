import { compareUtf8 } from '../base/utf8.ts';
import type { ReadRow } from '../node/input.ts';
import { Disk } from './disk.ts';
import { WriteLog } from './write-log.ts';

/** For tests: rows in memory behind a real write log and read table. Nothing is durable before `sync` says so. */
export class MemoryRows {
  readonly rows = new Map<string, ReadRow>();
  readonly log: WriteLog;
  readonly disk: Disk;
  readonly #unsynced: {
    readonly seq: number;
    readonly rows: readonly (readonly [string, Uint8Array | null])[];
  }[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor() {
    this.log = new WriteLog((seq, rows) => this.#unsynced.push({ seq, rows }));
    this.disk = new Disk(
      (id, rows) =>
        this.#waiting.push(() =>
          this.disk.rowsRead(
            id,
            rows.map((row) => this.rows.get(row) ?? null),
          ),
        ),
      (id, range) =>
        this.#waiting.push(() => {
          const found = [...this.rows]
            .filter(([row]) => compareUtf8(row, range.after) > 0 && compareUtf8(row, range.until) < 0)
            .sort(([a], [b]) => compareUtf8(a, b));
          this.disk.scanned(id, { rows: found.slice(0, range.rowsMax), done: found.length <= range.rowsMax });
        }),
    );
  }

  /** Makes everything staged so far durable and reports it. */
  sync(): void {
    this.log.flush();
    for (const batch of this.#unsynced.splice(0)) {
      for (const [row, value] of batch.rows) {
        if (value === null) this.rows.delete(row);
        else this.rows.set(row, value);
      }
      this.log.written(batch.seq);
    }
  }

  /** Answers the reads and scans asked for so far. */
  answerReads(): void {
    for (const answer of this.#waiting.splice(0)) answer();
  }

  /** Goes on until nothing is left to sync or to read. */
  settle(): void {
    for (let i = 0; i < 20; i++) {
      this.answerReads();
      this.sync();
    }
  }
}
