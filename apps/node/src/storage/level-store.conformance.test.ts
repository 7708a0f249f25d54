import { cp, mkdtemp, open, readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStorage } from '@starling/testing/conformance/storage.ts';
import type { OpenStorage, StorageSubject } from '@starling/testing/conformance/storage-subject.ts';
import { FailingLevel, OpenedForTest, quietTuning, spoilRow } from './store.test-kit.ts';

/** The log that batches go to: the one with the highest number. */
async function newestLog(directory: string): Promise<string> {
  const names = await readdir(join(directory, 'rows'));
  return join(
    directory,
    'rows',
    names
      .filter((name) => name.endsWith('.log'))
      .toSorted()
      .at(-1)!,
  );
}

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = byte[0]! ^ 0x20;
  await file.write(byte, 0, 1, at);
  await file.close();
}

async function makeSubject(): Promise<StorageSubject> {
  const parent = await mkdtemp(join(tmpdir(), 'starling-store-'));
  const directory = join(parent, 'data');
  let failing = false;
  return {
    async open(): Promise<OpenStorage> {
      return OpenedForTest.open({
        directory,
        tuning: quietTuning,
        makeDatabase: (path) => new FailingLevel(path, () => failing),
      });
    },
    corrupt: (row) => spoilRow(directory, row),
    async loseTail() {
      const log = await newestLog(directory);
      await truncate(log, Math.floor((await stat(log)).size / 2));
    },
    async loseMiddle() {
      const log = await newestLog(directory);
      await flipByte(log, Math.floor((await stat(log)).size / 2));
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
