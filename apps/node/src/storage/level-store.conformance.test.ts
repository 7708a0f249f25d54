import { cp, mkdtemp, rename, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStorage } from '@starling/testing/conformance/storage.ts';
import type { OpenStorage, StorageSubject } from '@starling/testing/conformance/storage-subject.ts';
import { failingLevel, flipBit, newestFile, OpenedForTest, quietTuning, spoilRow } from './store.test-kit.ts';

async function makeSubject(): Promise<StorageSubject> {
  const parent = await mkdtemp(join(tmpdir(), 'starling-store-'));
  const directory = join(parent, 'data');
  let failing = false;
  return {
    async open(): Promise<OpenStorage> {
      return OpenedForTest.open({
        directory,
        tuning: quietTuning,
        makeDatabase: (path) => failingLevel(path, () => failing),
      });
    },
    corrupt: (row) => spoilRow(directory, row),
    async loseTail() {
      const log = await newestFile(directory, '.log');
      await truncate(log, Math.floor((await stat(log)).size / 2));
    },
    async loseMiddle() {
      const log = await newestFile(directory, '.log');
      await flipBit(log, Math.floor((await stat(log)).size / 2), 5);
    },
    async failWrites(now) {
      failing = now;
    },
    async copy() {
      await cp(directory, `${directory}.copy`, { recursive: true });
      await rm(directory, { recursive: true });
      await rename(`${directory}.copy`, directory);
    },
    loseStore: () => rm(join(directory, 'rows', 'CURRENT')),
    wipe: () => rm(directory, { recursive: true }),
    dispose: () => rm(parent, { recursive: true }),
  };
}

describeStorage(
  {
    name: 'the LevelDB store',
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
  makeSubject,
);
