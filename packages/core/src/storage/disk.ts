import { InFlight } from '../base/in-flight.ts';
import type { ReadRow } from '../node/input.ts';

/** One page of a scan. */
export interface ScanPage {
  readonly rows: readonly (readonly [row: string, value: ReadRow])[];
  readonly done: boolean;
}

export interface ScanRange {
  readonly after: string;
  readonly until: string;
  readonly rowsMax: number;
  readonly bytesMax: number;
}

type ReadEffect = (id: number, rows: readonly string[]) => void;
type ScanEffect = (id: number, range: ScanRange) => void;

/** Matches the completions of reads and scans to who asked. */
export class Disk {
  #nextId = 1;
  readonly #reads = new InFlight<(rows: readonly ReadRow[]) => void>();
  readonly #scans = new InFlight<(page: ScanPage) => void>();
  readonly #emitRead: ReadEffect;
  readonly #emitScan: ScanEffect;

  constructor(emitRead: ReadEffect, emitScan: ScanEffect) {
    this.#emitRead = emitRead;
    this.#emitScan = emitScan;
  }

  read(rows: readonly string[], then: (rows: readonly ReadRow[]) => void): void {
    const id = this.#nextId++;
    this.#reads.add(id, then);
    this.#emitRead(id, rows);
  }

  scan(range: ScanRange, then: (page: ScanPage) => void): void {
    const id = this.#nextId++;
    this.#scans.add(id, then);
    this.#emitScan(id, range);
  }

  rowsRead(id: number, rows: readonly ReadRow[]): void {
    this.#reads.take(id)?.(rows);
  }

  scanned(id: number, page: ScanPage): void {
    this.#scans.take(id)?.(page);
  }
}
