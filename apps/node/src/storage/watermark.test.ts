import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { nodeLimits } from '../limits.ts';
import {
  decodeWatermark,
  encodeWatermark,
  readWatermark,
  type Watermark,
  writeWatermark,
} from './watermark.ts';
import { WatermarkKeeper } from './watermark-keeper.ts';

const watermark = fc.record<Watermark>({
  bootCounter: fc.nat(),
  sequence: fc.maxSafeNat(),
  clean: fc.boolean(),
  uncleanStarts: fc.nat(),
  identityFile: fc.constantFrom('12 345', '9007199254740993 1700000000000000000'),
});

describe('the watermark', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(watermark, (mark) => {
        expect(decodeWatermark(encodeWatermark(mark))).toEqual(mark);
      }),
    );
  });

  it('is not believed when any byte of it has changed, or any is missing', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 127 }));
    fc.assert(
      fc.property(watermark, change, (mark, [at, by]) => {
        const bytes = Buffer.from(encodeWatermark(mark));
        bytes[at % bytes.length]! ^= by;
        expect(decodeWatermark(bytes.toString())).toBe('damaged');
        expect(decodeWatermark(encodeWatermark(mark).slice(0, at % bytes.length))).toBe('damaged');
      }),
    );
  });

  it('is replaced as a whole, and leaves no other file behind', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'starling-watermark-'));
    const path = join(directory, 'watermark');
    expect(await readWatermark(path)).toBeNull();
    const first = { bootCounter: 1, sequence: 7, clean: false, uncleanStarts: 0, identityFile: '1 2' };
    await writeWatermark(path, first);
    await writeWatermark(path, { ...first, sequence: 8, clean: true });
    expect(await readWatermark(path)).toEqual({ ...first, sequence: 8, clean: true });
    expect(await readdir(directory)).toEqual(['watermark']);
    await writeFile(path, 'nonsense');
    expect(await readWatermark(path)).toBe('damaged');
    await rm(directory, { recursive: true });
  });

  it('is at most one period behind an active store (nodeLimits.storageWatermarkPeriodMs)', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'starling-watermark-'));
    const path = join(directory, 'watermark');
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const first = { bootCounter: 1, sequence: 1, clean: false, uncleanStarts: 0, identityFile: '1 2' };
    let looks = 0;
    const keeper = new WatermarkKeeper(path, first, {
      periodMs: nodeLimits.storageWatermarkPeriodMs,
      durableSequence: () => ++looks,
      failed: (cause) => expect(cause).toBeNull(),
    });
    keeper.start();
    await vi.advanceTimersByTimeAsync(nodeLimits.storageWatermarkPeriodMs - 1);
    expect(looks).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(looks).toBe(1);
    vi.useRealTimers();
    await keeper.stop();
    await rm(directory, { recursive: true });
  });
});
