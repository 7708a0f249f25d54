import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CutDisk, cutRound, judge, whyNoPowerCut } from './power-cut-round.ts';

const trial = mkdtempSync(join(tmpdir(), 'starling-power-cut-'));
const reason = whyNoPowerCut(trial);
rmSync(trial, { recursive: true });

const title = 'no promised write is lost when the power of two machines is cut at once, twice';

it.skipIf(reason !== null)(
  reason === null ? title : `${title} (skipped: ${reason})`,
  { timeout: 180_000 },
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'starling-power-cut-'));
    const disks: CutDisk[] = [];
    try {
      for (const name of ['one', 'two']) disks.push(new CutDisk(home, name));
      const reports = [...(await cutRound(disks, 'first', 200)), ...(await cutRound(disks, 'second', 200))];
      expect(judge(reports)).toEqual({ kept: true, real: true });
      expect(reports.map(({ historyIntact }) => historyIntact)).toEqual([true, true, true, true]);
    } finally {
      for (const disk of disks) disk.unmount();
      rmSync(home, { recursive: true });
    }
  },
);

it('calls a promise broken that is not found, and a cut none that took nothing', () => {
  const good = {
    machine: 'one',
    acked: 10,
    whole: 11,
    strays: 0,
    unsyncedWritten: 10,
    unsyncedLeft: 0,
    historyIntact: true,
    doubts: [],
    openedInMs: 1,
  };
  expect(judge([good])).toEqual({ kept: true, real: true });
  expect(judge([good, { ...good, whole: 9 }])).toEqual({ kept: false, real: true });
  expect(judge([{ ...good, strays: 1 }])).toEqual({ kept: false, real: true });
  expect(judge([{ ...good, unsyncedLeft: 10 }])).toEqual({ kept: true, real: false });
});
