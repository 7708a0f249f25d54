/** Pages of keys for listings, and pages of records for a node that takes over an arc. */
import { limits } from '../base/limits.ts';
import type { KeysCall, KeysReply, PullCall, PullReply } from '../node/messages.ts';
import {
  readList,
  readNullable,
  readRef,
  readTable,
  rowBytesMax,
  writeList,
  writeNullable,
  writeRef,
} from './field.ts';
import type { MessageCodec } from './message-codec.ts';
import { readRanges, writeRanges } from './ranges.ts';
import { readRecord, readReplyFields, writeRecord, writeReplyFields } from './replica-messages.ts';

/** Which keys with this prefix do you hold? */
export const keysCall: MessageCodec<KeysCall> = {
  number: 9,
  write(writer, message) {
    writer.varint(message.rpc);
    writer.varint(message.epoch);
    writer.text(message.table);
    writer.text(message.prefix);
    writer.text(message.after);
    writer.varint(message.limit);
    writer.flag(message.contested);
  },
  read: (reader) => ({
    kind: 'keys',
    rpc: reader.varint(),
    epoch: reader.varint(),
    table: readTable(reader),
    prefix: reader.text(limits.keyBytesMax),
    after: reader.text(limits.keyBytesMax),
    limit: Math.min(reader.varint(), limits.listPageKeysMax),
    contested: reader.flag(),
  }),
};

/** One page of keys. */
export const keysReply: MessageCodec<KeysReply> = {
  number: 10,
  write(writer, message) {
    writeReplyFields(writer, message);
    writeList(writer, message.keys, (w, key) => w.text(key));
    writer.flag(message.done);
  },
  read: (reader) => ({
    kind: 'keysReply',
    ...readReplyFields(reader),
    keys: readList(reader, (r) => r.text(limits.keyBytesMax)),
    done: reader.flag(),
  }),
};

/** Give me the records of these ranges of buckets. */
export const pullCall: MessageCodec<PullCall> = {
  number: 11,
  write(writer, message) {
    writer.varint(message.rpc);
    writer.varint(message.epoch);
    writeRanges(writer, message.ranges);
    writer.text(message.after);
  },
  read: (reader) => ({
    kind: 'pull',
    rpc: reader.varint(),
    epoch: reader.varint(),
    ranges: readRanges(reader, limits.pullRangesMax),
    after: reader.text(rowBytesMax),
  }),
};

/** One page of records. */
export const pullReply: MessageCodec<PullReply> = {
  number: 12,
  write(writer, message) {
    writeReplyFields(writer, message);
    writeList(writer, message.records, (w, { ref, record }) => {
      writeRef(w, ref);
      writeRecord(w, record);
    });
    writeNullable(writer, message.next, (w, row) => w.text(row));
  },
  read: (reader) => ({
    kind: 'pullReply',
    ...readReplyFields(reader),
    records: readList(reader, (r) => ({ ref: readRef(r), record: readRecord(r) })),
    next: readNullable(reader, (r) => r.text(rowBytesMax)),
  }),
};
