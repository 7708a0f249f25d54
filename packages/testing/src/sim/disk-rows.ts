import { compareUtf8 } from '@starling/core/base/utf8.ts';

/**
 * Rows in the order of their keys' UTF-8 bytes. Values sit in a map; the keys beside it in one sorted array, changed
 * only when a key appears or goes. At the few thousand rows of a simulated node one `splice` is cheaper than any tree,
 * and a scan is a walk along the array.
 */
export class SortedRows {
  #keys: string[] = [];
  readonly #values = new Map<string, Uint8Array>();
  #bytes = 0;

  get size(): number {
    return this.#keys.length;
  }

  /** Code units of all keys and bytes of all values: near enough to what a disk would hold. */
  get bytes(): number {
    return this.#bytes;
  }

  get(row: string): Uint8Array | null {
    return this.#values.get(row) ?? null;
  }

  /** Stores a value, or removes the row with null; answers what was there. */
  set(row: string, value: Uint8Array | null): Uint8Array | null {
    const before = this.#values.get(row) ?? null;
    if (before !== null) this.#bytes -= row.length + before.length;
    if (value === null) {
      if (before !== null) this.#remove(row);
      return before;
    }
    if (before === null) this.#keys.splice(this.indexAfter(row), 0, row);
    this.#values.set(row, value);
    this.#bytes += row.length + value.length;
    return before;
  }

  keyAt(index: number): string | undefined {
    return this.#keys[index];
  }

  /** Index of the first key that sorts after `row`. */
  indexAfter(row: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareUtf8(this.#keys[middle]!, row) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  keys(): readonly string[] {
    return this.#keys;
  }

  /** A copy that shares the values, which nobody changes. */
  copy(): SortedRows {
    const copy = new SortedRows();
    copy.#keys = this.#keys.slice();
    for (const [row, value] of this.#values) copy.#values.set(row, value);
    copy.#bytes = this.#bytes;
    return copy;
  }

  #remove(row: string): void {
    this.#keys.splice(this.indexAfter(row) - 1, 1);
    this.#values.delete(row);
  }
}
