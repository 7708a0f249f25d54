import { compareUtf8 } from '../base/utf8.ts';

/** Exact counts of what is stored, kept with every write. */
export interface RecordCounts {
  keys: number;
  tombstones: number;
  recordBytes: number;
}

/** First row of all records, and the one behind the last, for `after` and `upTo` of a page. */
export const beforeRecords = 'd/';
export const behindRecords = 'd0';

/**
 * Counts made anew by passing over all records in the order of their rows, page by page, while writes go on on both
 * sides of the place reached. A row is *counted* once the pass has taken it up; from then on every write of it is
 * followed here as well. Before that none is, because the pass will meet what it made of the record.
 *
 * A scan does not see what is made after it was asked for. So records made beyond the place reached are remembered
 * while a page is on its way, and taken up with it.
 */
export class Recount {
  readonly counts: RecordCounts = { keys: 0, tombstones: 0, recordBytes: 0 };
  readonly #madeMax: number;
  /** Every record up to this row is counted, but for those of the page that are still to be. */
  #reached = beforeRecords;
  readonly #uncounted = new Set<string>();
  readonly #made = new Set<string>();
  #overrun = false;

  /** `madeMax`: records remembered while one page is on its way. */
  constructor(madeMax: number) {
    this.#madeMax = madeMax;
  }

  /** The row after which the next page begins. */
  get reached(): string {
    return this.#reached;
  }

  /** The next page is about to be asked for: what is made from here on it may lack. */
  expectPage(): void {
    this.#uncounted.clear();
    this.#made.clear();
    this.#overrun = false;
  }

  /** A record has been made where there was none. */
  made(row: string): void {
    if (this.#overrun || compareUtf8(row, this.#reached) <= 0) return;
    if (this.#made.size < this.#madeMax) this.#made.add(row);
    else this.#overrun = true;
  }

  /**
   * Takes up the page that ends with row `upTo`. Answers its rows and those made meanwhile: each is to be counted by
   * `takeUp`. Null if more were made than are remembered: the page must be asked for again.
   */
  page(rows: readonly string[], upTo: string): string[] | null {
    if (this.#overrun) return null;
    for (const row of rows) this.#uncounted.add(row);
    for (const row of this.#made) if (compareUtf8(row, upTo) <= 0) this.#uncounted.add(row);
    this.#reached = upTo;
    return [...this.#uncounted];
  }

  /** From here on this row is counted. False if it was already. */
  takeUp(row: string): boolean {
    return this.#uncounted.delete(row);
  }

  /** Whether writes of this row are to be followed. */
  follows(row: string): boolean {
    return compareUtf8(row, this.#reached) <= 0 && !this.#uncounted.has(row);
  }
}
