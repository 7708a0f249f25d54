import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { DiskSpace, type DiskSpaceOptions, freeBytesOf, releaseBallast } from './disk-space.ts';

let directory: string;
let ballast: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-space-'));
  ballast = join(directory, 'ballast');
});
afterEach(() => rm(directory, { recursive: true }));

function measured(changes: Partial<DiskSpaceOptions> = {}) {
  const disk = { free: 1_000_000 };
  const heard: boolean[] = [];
  const space = new DiskSpace({
    freeBytes: async () => disk.free,
    ballast,
    lowBytes: 100,
    highBytes: 150,
    ballastBytes: 3000,
    pollMs: 3_600_000,
    onLow: (low) => heard.push(low),
    ...changes,
  });
  const at = async (free: number) => {
    disk.free = free;
    await space.check();
    return space.low;
  };
  return { space, heard, at };
}

describe('room on the disk', () => {
  it('is low below one mark until it is above another (nodeLimits.storageDiskLowBytes, nodeLimits.storageDiskHighBytes)', async () => {
    const { at, heard } = measured({ ballastBytes: 0 });
    expect([await at(100), await at(99), await at(149), await at(150), await at(100), await at(99)]).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
    ]);
    expect(heard).toEqual([true, false, true]);
  });

  it('counts as it was while the file system does not answer', async () => {
    let answers = true;
    const { space, heard } = measured({
      freeBytes: async () => {
        if (!answers) throw new Error('EIO');
        return 50;
      },
    });
    await space.check();
    answers = false;
    await space.check();
    expect([space.low, space.freeBytes]).toEqual([true, 50]);
    expect(heard).toEqual([true]);
  });

  it('keeps a ballast once there is room for it, and gives it up on demand (nodeLimits.storageBallastBytes)', async () => {
    const { at } = measured();
    await at(3149);
    await expect(stat(ballast)).rejects.toThrow('ENOENT');
    await at(3150);
    expect((await stat(ballast)).size).toBe(3000);
    expect(await releaseBallast(ballast)).toBe(true);
    expect(await releaseBallast(ballast)).toBe(false);
  });

  it('is measured so often (nodeLimits.storageDiskPollMs)', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let asked = 0;
    const freeBytes = async () => ++asked;
    const { space } = measured({ freeBytes, ballastBytes: 0, pollMs: nodeLimits.storageDiskPollMs });
    await space.start();
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(nodeLimits.storageDiskPollMs - 1);
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toBe(2);
    await space.stop();
    vi.useRealTimers();
  });

  it('asks the real file system', async () => {
    expect(await freeBytesOf(directory)).toBeGreaterThan(0);
  });
});
