import { nodeLimits } from '../limits.ts';

/** Sizes and times of one store. Every default is a bound of `limits.ts`, where its reason is. */
export interface StorageTuning {
  readonly writeBufferBytes: number;
  readonly cacheBytes: number;
  readonly batchBytesMax: number;
  readonly queueBytesHigh: number;
  readonly queueBytesMax: number;
  readonly readTurnMs: number;
  readonly readSlowMs: number;
  readonly readPauseMsMin: number;
  readonly readPauseMsMax: number;
  readonly readCallRowsMax: number;
  readonly watermarkPeriodMs: number;
  readonly diskPollMs: number;
  readonly diskLowBytes: number;
  readonly diskHighBytes: number;
  readonly ballastBytes: number;
  readonly bootCheckBytesMax: number;
  readonly scrubPauseMsPerMiB: number;
  readonly scrubPassMsMin: number;
}

export const defaultStorageTuning: StorageTuning = {
  writeBufferBytes: nodeLimits.storageWriteBufferBytes,
  cacheBytes: nodeLimits.storageCacheBytes,
  batchBytesMax: nodeLimits.storageBatchBytesMax,
  queueBytesHigh: nodeLimits.storageQueueBytesHigh,
  queueBytesMax: nodeLimits.storageQueueBytesMax,
  readTurnMs: nodeLimits.storageReadTurnMs,
  readSlowMs: nodeLimits.storageReadSlowMs,
  readPauseMsMin: nodeLimits.storageReadPauseMsMin,
  readPauseMsMax: nodeLimits.storageReadPauseMsMax,
  readCallRowsMax: nodeLimits.storageReadCallRowsMax,
  watermarkPeriodMs: nodeLimits.storageWatermarkPeriodMs,
  diskPollMs: nodeLimits.storageDiskPollMs,
  diskLowBytes: nodeLimits.storageDiskLowBytes,
  diskHighBytes: nodeLimits.storageDiskHighBytes,
  ballastBytes: nodeLimits.storageBallastBytes,
  bootCheckBytesMax: nodeLimits.storageBootCheckBytesMax,
  scrubPauseMsPerMiB: nodeLimits.storageScrubPauseMsPerMiB,
  scrubPassMsMin: nodeLimits.storageScrubPassMsMin,
};

/**
 * Bytes of later batches after which a batch has left LevelDB's log: it may have to wait for the write buffer to fill
 * up (and for one more batch over that), and then once more for the full one to be written out.
 */
export function logBytesMax({ writeBufferBytes, batchBytesMax }: StorageTuning): number {
  return 2 * (writeBufferBytes + batchBytesMax);
}
