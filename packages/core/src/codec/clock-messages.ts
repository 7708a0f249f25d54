/** What one node asks another of its clock. */
import type { NodeClockCall, NodeClockReply } from '../node/messages.ts';
import { readClock, writeClock } from './clock.ts';
import type { MessageCodec } from './message-codec.ts';

/** Of which writes have you heard? */
export const nodeClockCall: MessageCodec<NodeClockCall> = {
  number: 70,
  write(writer, message) {
    writer.varint(message.rpc);
  },
  read: (reader) => ({ kind: 'nodeClock', rpc: reader.varint() }),
};

/** Of these; the records that told of them are on the disk. */
export const nodeClockReply: MessageCodec<NodeClockReply> = {
  number: 71,
  write(writer, message) {
    writer.varint(message.rpc);
    writeClock(writer, message.clock);
  },
  read: (reader) => ({ kind: 'nodeClockReply', rpc: reader.varint(), clock: readClock(reader) }),
};
