import type { TransferReport } from '@starling/api-types';
import { describe, expect, it } from 'vitest';
import { FirstSights, progressOf } from './progress.ts';

const transfer: TransferReport = {
  nodeId: 'b',
  kind: 'join',
  bucketsDone: 25,
  bucketsTotal: 100,
  bytes: 5000,
};
const first = { at: 10_000, bucketsDone: 0, bytes: 0 };

describe('the progress of a transfer', () => {
  it('foretells the end from the pace since it was first seen', () => {
    expect(progressOf(transfer, first, 15_000)).toEqual({ share: 0.25, etaMs: 15_000, bytesPerSecond: 1000 });
    const later = { at: 10_000, bucketsDone: 20, bytes: 4000 };
    expect(progressOf(transfer, later, 11_000)).toEqual({ share: 0.25, etaMs: 15_000, bytesPerSecond: 1000 });
  });

  it('foretells nothing before there is something to go by', () => {
    expect(progressOf(transfer, first, 10_500).etaMs).toBeNull();
    expect(progressOf(transfer, first, null).etaMs).toBeNull();
    expect(progressOf(transfer, null, 60_000).etaMs).toBeNull();
    expect(progressOf({ ...transfer, bucketsDone: 0 }, first, 60_000).etaMs).toBeNull();
  });

  it('is done when there is nothing to do', () => {
    expect(progressOf({ ...transfer, bucketsDone: 0, bucketsTotal: 0 }, first, 60_000).share).toBe(1);
    expect(progressOf({ ...transfer, bucketsDone: 100 }, first, 60_000).etaMs).toBe(0);
  });
});

describe('first sights', () => {
  it('keeps the first, begins anew with a new transfer, and forgets what is over', () => {
    const sights = new FirstSights();
    sights.look([transfer], 1000);
    sights.look([{ ...transfer, bucketsDone: 50 }], 2000);
    expect(sights.of(transfer)?.at).toBe(1000);
    sights.look([{ ...transfer, bucketsDone: 3 }], 3000);
    expect(sights.of(transfer)).toEqual({ at: 3000, bucketsDone: 3, bytes: 5000 });
    sights.look([], 4000);
    expect(sights.of(transfer)).toBeNull();
  });
});
