import type { TransferReport } from '@starling/api-types';

/** What a transfer had done when this tab first saw it, by this browser's clock. */
export interface FirstSight {
  readonly at: number;
  readonly bucketsDone: number;
  readonly bytes: number;
}

/** How far a transfer is, and what its pace since `first` foretells; null while that cannot be said. */
export interface Progress {
  readonly share: number;
  readonly etaMs: number | null;
  readonly bytesPerSecond: number | null;
}

/** A pace over less time than this is chance, in ms. */
const paceMs = 1000;

export function progressOf(transfer: TransferReport, first: FirstSight | null, now: number | null): Progress {
  const { bucketsDone, bucketsTotal, bytes } = transfer;
  const share = bucketsTotal === 0 ? 1 : bucketsDone / bucketsTotal;
  if (first === null || now === null || now - first.at < paceMs) {
    return { share, etaMs: null, bytesPerSecond: null };
  }
  const elapsedMs = now - first.at;
  const done = bucketsDone - first.bucketsDone;
  return {
    share,
    etaMs: done <= 0 ? null : (elapsedMs / done) * (bucketsTotal - bucketsDone),
    bytesPerSecond: Math.max(0, bytes - first.bytes) / (elapsedMs / 1000),
  };
}

/** Remembers when each transfer was first seen, and forgets those that are over. */
export class FirstSights {
  private readonly seen = new Map<string, FirstSight>();

  of(transfer: TransferReport): FirstSight | null {
    return this.seen.get(transferId(transfer)) ?? null;
  }

  look(transfers: readonly TransferReport[], now: number): void {
    const current = new Set(transfers.map(transferId));
    for (const id of this.seen.keys()) if (!current.has(id)) this.seen.delete(id);
    for (const transfer of transfers) {
      const id = transferId(transfer);
      const before = this.seen.get(id);
      // Fewer buckets than before: it began anew.
      if (before !== undefined && before.bucketsDone <= transfer.bucketsDone) continue;
      this.seen.set(id, { at: now, bucketsDone: transfer.bucketsDone, bytes: transfer.bytes });
    }
  }
}

export function transferId(transfer: TransferReport): string {
  return `${transfer.kind} ${transfer.nodeId}`;
}
