/** A client's request on its way to a replica, and the answer on its way back. */
import type { ForwardCall, ForwardReply } from '../node/messages.ts';
import { readAnswer, writeAnswer } from './answer.ts';
import type { MessageCodec } from './message-codec.ts';
import { readRequest, writeRequest } from './request.ts';

/** Carry this request out for me. */
export const forwardCall: MessageCodec<ForwardCall> = {
  number: 7,
  write(writer, message, now) {
    writer.varint(message.rpc);
    writer.varint(message.epoch);
    writeRequest(writer, message.request, now);
  },
  read: (reader, now) => ({
    kind: 'forward',
    rpc: reader.varint(),
    epoch: reader.varint(),
    request: readRequest(reader, now),
  }),
};

/** What came of the request. */
export const forwardReply: MessageCodec<ForwardReply> = {
  number: 8,
  write(writer, message) {
    writer.varint(message.rpc);
    writeAnswer(writer, message.answer);
  },
  read: (reader) => ({ kind: 'forwardReply', rpc: reader.varint(), answer: readAnswer(reader) }),
};
