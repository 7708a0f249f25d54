import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeWatermark,
  encodeWatermark,
  readWatermark,
  type Watermark,
  writeWatermark,
} from './watermark.ts';

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
});
