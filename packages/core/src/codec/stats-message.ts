/** The figures that nodes show of each other. All are sent as any number: a reading must not stop a node. */
import type { WallMs } from '../base/ids.ts';
import type { StatsMessage } from '../node/messages.ts';
import type { TransferProgress } from '../node/ownership.ts';
import type { LatencyStats, NodeCounts, NodeStats } from '../node/view.ts';
import type { PullObstacle } from '../transfer/pull-obstacle.ts';
import { Choice } from './choice.ts';
import { readNullable, readProse, writeNullable, writeProse } from './field.ts';
import type { MessageCodec } from './message-codec.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

const transferKinds = new Choice<TransferProgress['kind']>({ join: 1, take: 2, recovery: 3 });

const obstacles = new Choice<PullObstacle>({
  paused: 1,
  unreachable: 2,
  recovering: 3,
  damaged: 4,
  behind: 5,
  overloaded: 6,
  disk: 7,
});

/** What a node measured of itself. */
export const statsMessage: MessageCodec<StatsMessage> = {
  number: 13,
  write(writer, message) {
    writeStats(writer, message.stats);
    writeCounts(writer, message.counts);
    writeNullable(writer, message.transfer, writeTransfer);
  },
  read: (reader) => ({
    kind: 'stats',
    stats: readStats(reader),
    counts: readCounts(reader),
    transfer: readNullable(reader, readTransfer),
  }),
};

function writeStats(writer: ByteWriter, stats: NodeStats): void {
  writeProse(writer, stats.version);
  writer.f64(stats.startedAt);
  writeNullable(writer, stats.reads, writeLatency);
  writeNullable(writer, stats.writes, writeLatency);
  writeFigure(writer, stats.errorsPerSecond);
  writeFigure(writer, stats.rssBytes);
  writeFigure(writer, stats.heapBytes);
  writeFigure(writer, stats.cpu);
  writeFigure(writer, stats.eventLoopDelayP99Ms);
  writeFigure(writer, stats.diskUsedBytes);
  writeFigure(writer, stats.diskFreeBytes);
}

function readStats(reader: ByteReader): NodeStats {
  return {
    version: readProse(reader),
    startedAt: reader.f64() as WallMs,
    reads: readNullable(reader, readLatency),
    writes: readNullable(reader, readLatency),
    errorsPerSecond: readFigure(reader),
    rssBytes: readFigure(reader),
    heapBytes: readFigure(reader),
    cpu: readFigure(reader),
    eventLoopDelayP99Ms: readFigure(reader),
    diskUsedBytes: readFigure(reader),
    diskFreeBytes: readFigure(reader),
  };
}

function writeLatency(writer: ByteWriter, latency: LatencyStats): void {
  writer.f64(latency.perSecond);
  writer.f64(latency.p50Ms);
  writer.f64(latency.p99Ms);
  writer.f64(latency.p999Ms);
}

function readLatency(reader: ByteReader): LatencyStats {
  return { perSecond: reader.f64(), p50Ms: reader.f64(), p99Ms: reader.f64(), p999Ms: reader.f64() };
}

function writeCounts(writer: ByteWriter, counts: NodeCounts): void {
  writer.f64(counts.keys);
  writer.f64(counts.tombstones);
  writer.f64(counts.recordBytes);
  writer.f64(counts.hints);
  writer.f64(counts.requestsInFlight);
}

function readCounts(reader: ByteReader): NodeCounts {
  return {
    keys: reader.f64(),
    tombstones: reader.f64(),
    recordBytes: reader.f64(),
    hints: reader.f64(),
    requestsInFlight: reader.f64(),
  };
}

function writeTransfer(writer: ByteWriter, transfer: TransferProgress): void {
  transferKinds.write(writer, transfer.kind);
  writer.f64(transfer.bucketsDone);
  writer.f64(transfer.bucketsTotal);
  writer.f64(transfer.bytes);
  writeFigure(writer, transfer.etaMs);
  writeNullable(writer, transfer.obstacle, (w, obstacle) => obstacles.write(w, obstacle));
}

function readTransfer(reader: ByteReader): TransferProgress {
  return {
    kind: transferKinds.read(reader),
    bucketsDone: reader.f64(),
    bucketsTotal: reader.f64(),
    bytes: reader.f64(),
    etaMs: readFigure(reader),
    obstacle: readNullable(reader, (r) => obstacles.read(r)),
  };
}

function writeFigure(writer: ByteWriter, figure: number | null): void {
  writeNullable(writer, figure, (w, value) => w.f64(value));
}

function readFigure(reader: ByteReader): number | null {
  return readNullable(reader, (r) => r.f64());
}
