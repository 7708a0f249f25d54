/** What two replicas say to each other to find out where they differ. */
import type { BucketCall, BucketReply, TreeCall, TreeReply } from '../node/messages.ts';
import { readList, readNullable, readRef, rowBytesMax, writeList, writeNullable, writeRef } from './field.ts';
import type { MessageCodec } from './message-codec.ts';
import { readReplyFields, writeReplyFields } from './replica-messages.ts';

/** Are we equal, and if not, where not? */
export const treeCall: MessageCodec<TreeCall> = {
  number: 50,
  write(writer, message) {
    writer.varint(message.rpc);
    writer.varint(message.epoch);
    writer.hex64(message.root);
    writeList(writer, message.groups, (w, group) => w.u8(group));
  },
  read: (reader) => ({
    kind: 'tree',
    rpc: reader.varint(),
    epoch: reader.varint(),
    root: reader.hex64(),
    groups: readList(reader, (r) => r.u8()),
  }),
};

/** Hashes of a part of the tree. */
export const treeReply: MessageCodec<TreeReply> = {
  number: 51,
  write(writer, message) {
    writeReplyFields(writer, message);
    writer.bytes(message.hashes);
  },
  read: (reader) => ({ kind: 'treeReply', ...readReplyFields(reader), hashes: reader.bytes() }),
};

/** What is in this bucket? */
export const bucketCall: MessageCodec<BucketCall> = {
  number: 52,
  write(writer, message) {
    writer.varint(message.rpc);
    writer.varint(message.epoch);
    writer.varint(message.bucket);
    writer.text(message.after);
  },
  read: (reader) => ({
    kind: 'bucket',
    rpc: reader.varint(),
    epoch: reader.varint(),
    bucket: Math.min(reader.varint(), 65_535),
    after: reader.text(rowBytesMax),
  }),
};

/** One page of what is in a bucket. */
export const bucketReply: MessageCodec<BucketReply> = {
  number: 53,
  write(writer, message) {
    writeReplyFields(writer, message);
    writeList(writer, message.records, (w, { ref, hash }) => {
      writeRef(w, ref);
      w.hex64(hash);
    });
    writeNullable(writer, message.next, (w, row) => w.text(row));
  },
  read: (reader) => ({
    kind: 'bucketReply',
    ...readReplyFields(reader),
    records: readList(reader, (r) => ({ ref: readRef(r), hash: r.hex64() })),
    next: readNullable(reader, (r) => r.text(rowBytesMax)),
  }),
};
