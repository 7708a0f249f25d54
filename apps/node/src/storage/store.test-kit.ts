/** What the tests of the store share: an opening with promises, and ways of spoiling a directory. */
import { cp, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { ReadRow } from '@starling/core/node/input.ts';
import type { BootImage } from '@starling/core/node/options.ts';
import type { OpenStorage } from '@starling/testing/conformance/storage-subject.ts';
import { type LevelDatabase, makeLevelDatabase, rowEncoding } from './level-database.ts';
import { openLevelStore, type StoreOptions } from './level-store.ts';
import type { LevelStore } from './opened-store.ts';
import type { ScanPage, ScanRange } from './row-scan.ts';
import type { StorageError, StorageNotice } from './storage-error.ts';
import type { StorageTuning } from './tuning.ts';

/** No ballast and no waiting for clocks: a test says itself when the watermark is written. */
export const quietTuning: Partial<StorageTuning> = {
  writeBufferBytes: 1_048_576,
  cacheBytes: 1_048_576,
  ballastBytes: 0,
  diskLowBytes: 0,
  diskHighBytes: 0,
  watermarkPeriodMs: 3_600_000,
  diskPollMs: 3_600_000,
};

interface Waiting {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A store whose completions have become promises. It marks the watermark when it is killed, so that tests need not wait. */
export class OpenedForTest implements OpenStorage {
  readonly store: LevelStore;
  readonly boot: BootImage;
  readonly notices: readonly StorageNotice[];
  poison: StorageError | null = null;
  readonly lows: readonly boolean[];
  readonly pressures: boolean[] = [];
  #seq = 0;
  #waiting: Waiting[] = [];

  private constructor(store: LevelStore, boot: BootImage, notices: StorageNotice[], lows: boolean[]) {
    this.lows = lows;
    this.store = store;
    this.boot = boot;
    this.notices = notices;
  }

  static async open(options: Omit<StoreOptions, 'events'>): Promise<OpenedForTest> {
    const notices: StorageNotice[] = [];
    const lows: boolean[] = [];
    const heard: { by: OpenedForTest | null } = { by: null };
    const { store, boot } = await openLevelStore({
      ...options,
      events: {
        written: (seq) => heard.by!.#written(seq),
        poisoned: (error) => heard.by!.#poisoned(error),
        pressure: (high) => void heard.by!.pressures.push(high),
        diskLow: (low) => void lows.push(low),
        notice: (notice) => void notices.push(notice),
      },
    });
    heard.by = new OpenedForTest(store, boot, notices, lows);
    return heard.by;
  }

  write(rows: readonly RowWrite[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.poison !== null) return reject(this.poison);
      this.#waiting.push({ seq: ++this.#seq, resolve, reject });
      this.store.write(this.#seq, rows);
    });
  }

  read(rows: readonly string[]): Promise<readonly ReadRow[]> {
    return new Promise((resolve) => this.store.read(rows, resolve));
  }

  scan(range: ScanRange): Promise<ScanPage> {
    return new Promise((resolve) => this.store.scan(range, resolve));
  }

  async close(): Promise<void> {
    await this.store.close(true);
  }

  async kill(): Promise<void> {
    await this.store.markWatermark();
    await this.store.close(false);
  }

  #written(seq: number): void {
    const done = this.#waiting.filter((write) => write.seq <= seq);
    this.#waiting = this.#waiting.filter((write) => write.seq > seq);
    for (const { resolve } of done) resolve();
  }

  #poisoned(error: StorageError): void {
    this.poison = error;
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
  }
}

/** LevelDB on a disk that answers writes with an error while `failing` says so. */
export function failingLevel(path: string, failing: () => boolean): LevelDatabase {
  const database = makeLevelDatabase(path, { writeBufferBytes: 1_048_576, cacheBytes: 1_048_576 });
  const refused = () =>
    Promise.reject(Object.assign(new Error('the disk says no'), { code: 'LEVEL_IO_ERROR' }));
  const batch = { put: () => undefined, del: () => undefined, write: refused };
  return new Proxy(database, {
    get(target, name) {
      if (name === 'batch' && failing()) return () => batch;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** Flips a bit in the last stored byte of a row, behind the store's back and under a fresh checksum of LevelDB's. */
export async function spoilRow(directory: string, row: string): Promise<void> {
  const database = makeLevelDatabase(join(directory, 'rows'), {
    writeBufferBytes: 65_536,
    cacheBytes: 65_536,
  });
  await database.open({ createIfMissing: false });
  const stored = await database.get<string, Uint8Array>(row, rowEncoding);
  if (stored === undefined) throw new Error(`there is no row ${row} to spoil`);
  stored[stored.length - 1]! ^= 1;
  await database.put<string, Uint8Array>(row, stored, { ...rowEncoding, sync: true });
  await database.close();
}

/** Runs `run` with the path of a data directory that does not exist yet, in a place that is removed afterwards. */
export async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'starling-store-'));
  try {
    await run(join(parent, 'data'));
  } finally {
    await rm(parent, { recursive: true });
  }
}

/** Opens a store with the tuning of tests, and says what it had to doubt. */
export async function openQuietly(directory: string): Promise<{
  readonly storage: OpenedForTest;
  readonly doubts: readonly string[];
  readonly quarantined: boolean;
}> {
  const storage = await OpenedForTest.open({ directory, tuning: quietTuning });
  const doubts = storage.notices.flatMap((notice) => (notice.kind === 'doubt' ? notice.doubts : []));
  return { storage, doubts, quarantined: storage.notices.some(({ kind }) => kind === 'quarantined') };
}

/** A copy of a directory that passes for the same one: files that would tell are moved, not copied. */
export async function putBack(saved: string, directory: string): Promise<void> {
  await rm(join(directory, 'rows'), { recursive: true, force: true });
  for (const name of ['watermark', 'rows'])
    await cp(join(saved, name), join(directory, name), { recursive: true });
  for (const name of await readdir(directory)) {
    if (/^(rows\.aside|damaged|suspect|restored)/.test(name))
      await rm(join(directory, name), { recursive: true });
  }
}

/** The file of LevelDB in `directory` with this ending that has the highest number. */
export async function newestFile(directory: string, ending: string): Promise<string> {
  const names = await readdir(join(directory, 'rows'));
  return join(
    directory,
    'rows',
    names
      .filter((name) => name.endsWith(ending))
      .toSorted()
      .at(-1)!,
  );
}

export async function flipBit(path: string, at: number, bit: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0]! ^= 1 << bit;
  await file.write(byte, 0, 1, at);
  await file.close();
}
