import { compareUtf8 } from '../base/utf8.ts';
import type { Disk, ScanPage } from '../storage/disk.ts';

/** A page of live keys of this node, ascending by UTF-8 bytes; `done` when none lies beyond it. */
export interface KeyPage {
  readonly keys: readonly string[];
  readonly done: boolean;
}

interface KeyQuery {
  readonly table: string;
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
  /** Only keys with siblings to settle. */
  readonly contested: boolean;
}

/** Reads the rows that list this node's live keys, and those in conflict, in order, so that a page costs what it shows and no more. */
export class KeyIndex {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  page(query: KeyQuery, then: (page: KeyPage | null) => void): void {
    const { prefix, after } = query;
    const start = `${listOf(query)}/`;
    if (prefix === '' || compareUtf8(after, prefix) >= 0) return this.#scan(query, start + after, [], then);
    // A scan starts behind a row, and the prefix itself may be a key: look at that one row first.
    this.#disk.read([start + prefix], ([row]) => {
      if (row === 'corrupt') return then(null);
      this.#scan(query, start + prefix, row === null || row === undefined ? [] : [prefix], then);
    });
  }

  #scan(
    query: KeyQuery,
    after: string,
    found: readonly string[],
    then: (page: KeyPage | null) => void,
  ): void {
    const range = { after, until: `${listOf(query)}0`, rowsMax: query.limit + 1, bytesMax: 1 << 20 };
    this.#disk.scan(range, (page) => then(this.#collect(query, found, page)));
  }

  #collect(query: KeyQuery, found: readonly string[], page: ScanPage): KeyPage {
    const skip = listOf(query).length + 1;
    const keys = [...found];
    for (const [row] of page.rows) {
      const key = row.slice(skip);
      if (!key.startsWith(query.prefix))
        return { keys: keys.slice(0, query.limit), done: keys.length <= query.limit };
      keys.push(key);
    }
    return { keys: keys.slice(0, query.limit), done: page.done && keys.length <= query.limit };
  }
}

/** What the rows of the asked listing begin with. */
function listOf({ table, contested }: KeyQuery): string {
  return `${contested ? 'c' : 'k'}/${table}`;
}
