import type { RowWrite } from '@starling/core/node/effect.ts';
import { describeStorage } from '../conformance/storage.ts';
import type { OpenStorage, StorageSubject } from '../conformance/storage-subject.ts';
import { SimDisk } from './disk.ts';
import { Prng } from './prng.ts';

interface Write {
  readonly rows: readonly RowWrite[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Few, so that a test which dies in the middle finds writes in every state. */
const writesPerTurn = 4;
let nextSeed = 1;

async function openDisk(disk: SimDisk): Promise<OpenStorage> {
  const opening = disk.open();
  const rows = ['m/', 'h/', 'l/'].flatMap((prefix) => [
    ...disk.scan(prefix, `${prefix.slice(0, -1)}0`, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY).rows,
  ]);
  let waiting: Write[] = [];
  let syncing: Write[] = [];
  let poisoned = false;
  /** One turn of a driver: what the last turn handed to the disk is synced, and the next few writes follow. */
  const turn = () => {
    if (poisoned) return;
    if (!disk.sync()) return poison();
    for (const { resolve } of syncing) resolve();
    syncing = waiting.splice(0, writesPerTurn);
    for (const { rows: batch } of syncing) disk.write(batch);
    if (syncing.length > 0) setImmediate(turn);
  };
  const poison = () => {
    poisoned = true;
    for (const { reject } of [...syncing, ...waiting]) reject(new Error('poisoned'));
  };
  return {
    boot: { ...opening, rows },
    write: (batch) =>
      new Promise((resolve, reject) => {
        if (poisoned) return reject(new Error('poisoned'));
        waiting.push({ rows: batch, resolve, reject });
        if (waiting.length === 1 && syncing.length === 0) setImmediate(turn);
      }),
    read: async (names) => names.map((name) => disk.read(name)),
    scan: async ({ after, until, rowsMax, bytesMax }) => disk.scan(after, until, rowsMax, bytesMax),
    async close() {
      for (const { rows: batch } of waiting) disk.write(batch);
      disk.close();
      for (const { resolve } of [...syncing, ...waiting]) resolve();
      [waiting, syncing, poisoned] = [[], [], true];
    },
    async kill() {
      disk.crash(true);
      [waiting, syncing, poisoned] = [[], [], true];
    },
  };
}

describeStorage(
  {
    name: "the simulator's disk",
    harms: {
      corrupt: true,
      loseTail: true,
      loseMiddle: true,
      failWrites: true,
      copy: true,
      loseStore: true,
      wipe: true,
      secondOpen: true,
    },
  },
  async (): Promise<StorageSubject> => {
    const disk = new SimDisk(new Prng(nextSeed++), { watermarkBatchesMax: 1 });
    return {
      open: () => openDisk(disk),
      corrupt: async (row) => void disk.corruptRow(row),
      loseTail: async () => void disk.loseTail(3),
      loseMiddle: async () => void disk.loseBatch(),
      failWrites: async (failing) => disk.setFailing(failing),
      copy: async () => disk.restore(disk.snapshot(), 'copied'),
      loseStore: async () => disk.loseStore(),
      wipe: async () => disk.wipe(),
      dispose: async () => undefined,
    };
  },
);
