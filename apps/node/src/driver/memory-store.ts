import type { BootImage, ReadRow, RowWrite } from '@starling/core';
import type { MachineStore, OpenedStore, RowPage, RowRange, StoreEvents } from './machine-store.ts';

/** For tests of the driver: rows in memory that outlive their store, as a disk's would, and faults on request. */
export class MemoryDisk {
  readonly rows = new Map<string, Uint8Array>();
  /** Batches per sync, in order. */
  readonly syncs: number[] = [];
  boots = 0;
  clean = false;
  /** Syncs wait for `release` while true. */
  held = false;
  /** The next opening fails so many times. */
  failOpens = 0;
  current: MemoryStore | null = null;

  readonly open = async (events: StoreEvents): Promise<OpenedStore> => {
    if (this.failOpens > 0) {
      this.failOpens--;
      throw new Error('the disk does not answer');
    }
    const boot: BootImage = {
      rows: [...this.rows].filter(([row]) => /^[mhl]\//.test(row)),
      historyIntact: true,
      cleanShutdown: this.clean,
      fresh: this.boots === 0,
      bootCounter: ++this.boots,
      instanceId: '0123456789abcdef',
    };
    this.clean = false;
    this.current = new MemoryStore(this, events);
    return { store: this.current, boot };
  };
}

class MemoryStore implements MachineStore {
  readonly #disk: MemoryDisk;
  readonly #events: StoreEvents;
  #gathered: { readonly seq: number; readonly rows: readonly RowWrite[] }[] = [];
  #discarded = false;

  constructor(disk: MemoryDisk, events: StoreEvents) {
    this.#disk = disk;
    this.#events = events;
  }

  write(seq: number, rows: readonly RowWrite[]): void {
    this.#gathered.push({ seq, rows });
    if (!this.#disk.held) setImmediate(() => this.release());
  }

  /** Syncs everything gathered. */
  release(): void {
    const batches = this.#gathered;
    if (batches.length === 0 || this.#discarded) return;
    this.#gathered = [];
    for (const { rows } of batches) this.#apply(rows);
    this.#disk.syncs.push(batches.length);
    this.#events.written(batches.at(-1)!.seq);
  }

  /** Fails as a write error would. */
  poison(): void {
    this.#gathered = [];
    this.#events.poisoned(new Error('no space left on device'));
  }

  setDiskLow(low: boolean): void {
    this.#events.diskLow(low);
  }

  setPressure(high: boolean): void {
    this.#events.pressure(high);
  }

  read(rows: readonly string[], then: (rows: readonly ReadRow[]) => void): void {
    setImmediate(() => then(rows.map((row) => this.#disk.rows.get(row) ?? null)));
  }

  scan({ after, until, rowsMax }: RowRange, then: (page: RowPage) => void): void {
    const found = [...this.#disk.rows].filter(([row]) => row > after && row < until).sort();
    setImmediate(() => then({ rows: found.slice(0, rowsMax), done: found.length <= rowsMax }));
  }

  async close(clean: boolean): Promise<boolean> {
    if (clean) this.release();
    this.#discarded = true;
    this.#disk.clean = clean;
    return clean;
  }

  #apply(rows: readonly RowWrite[]): void {
    for (const [row, value] of rows) {
      if (value === null) this.#disk.rows.delete(row);
      else this.#disk.rows.set(row, value);
    }
  }
}
