import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyRanges } from '../ring/bucket-range.arbitrary.ts';
import { bucketCount } from '../ring/bucket-range.ts';
import { bucketStart } from '../ring/rows.ts';
import type { Disk, ScanRange } from '../storage/disk.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { scanRanges } from './scan-ranges.ts';

const everything = { rowsMax: 1000, bytesMax: 1_000_000 };

function rowIn(bucket: number, name: string): string {
  return `${bucketStart(bucket)}0000/t/${name}`;
}

/** Reads all pages; answers the rows and how often the store was scanned. */
function readAll(rows: MemoryRows, ranges: Parameters<typeof scanRanges>[1], size: typeof everything) {
  const found: string[] = [];
  let scans = 0;
  const counting = {
    scan: (range: ScanRange, then: Parameters<Disk['scan']>[1]) => {
      scans++;
      rows.disk.scan(range, then);
    },
  } as Disk;
  let after: string | null = bucketStart(ranges[0]!.from);
  while (after !== null) {
    let next: string | null | undefined;
    scanRanges(counting, ranges, after, size, (page) => {
      found.push(...page.rows.map(([row]) => row));
      next = page.next;
    });
    rows.settle();
    expect(next === null || (typeof next === 'string' && next > after)).toBe(true);
    after = next ?? null;
  }
  return { found, scans };
}

function stored(names: readonly string[]): MemoryRows {
  const rows = new MemoryRows();
  for (const name of names) rows.rows.set(name, new Uint8Array(3));
  return rows;
}

it('finds the rows of the ranges and no others, each once and in order, whatever the size of a page', () => {
  const buckets = fc.array(fc.nat(bucketCount - 1), { maxLength: 40 });
  fc.assert(
    fc.property(anyRanges(6), buckets, fc.integer({ min: 1, max: 5 }), (ranges, drawn, rowsMax) => {
      const edges = ranges.flatMap(({ from, to }) => [from, to, Math.max(from - 1, 0)]);
      const names = [
        ...new Set([...drawn, ...edges].flatMap((bucket) => [rowIn(bucket, 'a'), rowIn(bucket, 'b')])),
      ];
      const inRange = (row: string) => {
        const bucket = Number.parseInt(row.slice(2, 6), 16);
        return ranges.some(({ from, to }) => from <= bucket && bucket <= to);
      };
      const { found } = readAll(stored(names), ranges, { ...everything, rowsMax });
      expect(found).toEqual(names.filter(inRange).sort());
    }),
  );
});

it('passes over empty ranges without reading each', () => {
  const ranges = Array.from({ length: 64 }, (_, i) => ({ from: 100 * i, to: 100 * i + 9 }));
  expect(readAll(stored([]), ranges, everything).scans).toBe(1);
  const one = readAll(stored([rowIn(5005, 'a'), rowIn(5050, 'foreign')]), ranges, everything);
  expect(one.found).toEqual([rowIn(5005, 'a')]);
  expect(one.scans).toBeLessThanOrEqual(4);
});
