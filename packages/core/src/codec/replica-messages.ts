/** What a coordinator and the replicas of a key say to each other. */
import type { Hlc } from '../base/ids.ts';
import type { StoredRecord } from '../causality/record.ts';
import type {
  ClockCall,
  ClockReply,
  ReadCall,
  ReadReply,
  ReplicaResult,
  StoreCall,
  StoreReply,
} from '../node/messages.ts';
import type { KeyRef } from '../ring/key.ts';
import { Choice } from './choice.ts';
import { readClock, readDot, writeClock, writeDot } from './clock.ts';
import { readDigits, readNullable, readRef, writeDigits, writeNullable, writeRef } from './field.ts';
import { emptyHeldRecord } from './held-record.ts';
import type { MessageCodec } from './message-codec.ts';
import type { ByteReader } from './reader.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { ByteWriter } from './writer.ts';

const results = new Choice<ReplicaResult>({
  ok: 0,
  staleEpoch: 1,
  unknownEpoch: 2,
  notReplica: 3,
  recovering: 4,
  overloaded: 5,
  diskFull: 6,
  corrupt: 7,
  promised: 8,
  outbid: 9,
  uncovered: 10,
});

interface CallFields {
  readonly rpc: number;
  readonly epoch: number;
  readonly ref: KeyRef;
}

interface ReplyFields {
  readonly rpc: number;
  readonly epoch: number;
  readonly result: ReplicaResult;
}

/** Writes what every call to a replica begins with. */
export function writeCallFields(writer: ByteWriter, { rpc, epoch, ref }: CallFields): void {
  writer.varint(rpc);
  writer.varint(epoch);
  writeRef(writer, ref);
}

/** Reads what every call to a replica begins with. */
export function readCallFields(reader: ByteReader): CallFields {
  return { rpc: reader.varint(), epoch: reader.varint(), ref: readRef(reader) };
}

/** Writes what every replica's reply begins with. */
export function writeReplyFields(writer: ByteWriter, { rpc, epoch, result }: ReplyFields): void {
  writer.varint(rpc);
  writer.varint(epoch);
  results.write(writer, result);
}

/** Reads what every replica's reply begins with. */
export function readReplyFields(reader: ByteReader): ReplyFields {
  return { rpc: reader.varint(), epoch: reader.varint(), result: results.read(reader) };
}

/** Writes a record as its canonical bytes, which are at hand already if it was stored or received before. */
export function writeRecord(writer: ByteWriter, record: StoredRecord): void {
  writer.bytes(encodeRecord(record));
}

/** Reads a record, which keeps its bytes as its own copy. */
export function readRecord(reader: ByteReader): StoredRecord {
  const record = decodeRecord(reader.bytes());
  if (record === null) reader.fail('malformed');
  return record ?? emptyHeldRecord;
}

/** What have you seen of this key? */
export const clockCall: MessageCodec<ClockCall> = {
  number: 1,
  write(writer, message) {
    writeCallFields(writer, message);
    writeDigits(writer, message.request);
  },
  read: (reader) => ({ kind: 'clock', ...readCallFields(reader), request: readDigits(reader) }),
};

/** What has been seen of the key, and whether the request was applied before. */
export const clockReply: MessageCodec<ClockReply> = {
  number: 2,
  write(writer, message) {
    writeReplyFields(writer, message);
    writeClock(writer, message.clock);
    writer.varint(message.hlc);
    writeNullable(writer, message.applied, writeDot);
  },
  read: (reader) => ({
    kind: 'clockReply',
    ...readReplyFields(reader),
    clock: readClock(reader),
    hlc: reader.varint() as Hlc,
    applied: readNullable(reader, readDot),
  }),
};

/** What do you hold of this key? */
export const readCall: MessageCodec<ReadCall> = {
  number: 3,
  write(writer, message) {
    writeCallFields(writer, message);
    writer.flag(message.digest);
  },
  read: (reader) => ({ kind: 'read', ...readCallFields(reader), digest: reader.flag() }),
};

/** The record, or its digest alone. */
export const readReply: MessageCodec<ReadReply> = {
  number: 4,
  write(writer, message) {
    writeReplyFields(writer, message);
    writeNullable(writer, message.record, writeRecord);
    writeDigits(writer, message.digest);
  },
  read: (reader) => ({
    kind: 'readReply',
    ...readReplyFields(reader),
    record: readNullable(reader, readRecord),
    digest: readDigits(reader),
  }),
};

/** Merge this record and make it durable. */
export const storeCall: MessageCodec<StoreCall> = {
  number: 5,
  write(writer, message) {
    writeCallFields(writer, message);
    writeRecord(writer, message.record);
    writer.flag(message.counted);
  },
  read: (reader) => ({
    kind: 'store',
    ...readCallFields(reader),
    record: readRecord(reader),
    counted: reader.flag(),
  }),
};

/** The record is durable here, or why not. */
export const storeReply: MessageCodec<StoreReply> = {
  number: 6,
  write: writeReplyFields,
  read: (reader) => ({ kind: 'storeReply', ...readReplyFields(reader) }),
};
