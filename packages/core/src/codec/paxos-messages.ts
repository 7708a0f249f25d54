/** How the replicas of one key agree on its value. */
import { isAccepted } from '../causality/dvv-set.ts';
import type { AcceptCall, AcceptReply, PrepareCall, PrepareReply } from '../node/messages.ts';
import { readBallot, writeBallot } from './ballot.ts';
import { readDot, writeDot } from './clock.ts';
import { readDigits, readNullable, writeDigits, writeNullable } from './field.ts';
import type { MessageCodec } from './message-codec.ts';
import {
  readCallFields,
  readRecord,
  readReplyFields,
  writeCallFields,
  writeRecord,
  writeReplyFields,
} from './replica-messages.ts';

/** Promise this ballot, and say what you hold. */
export const prepareCall: MessageCodec<PrepareCall> = {
  number: 40,
  write(writer, message) {
    writeCallFields(writer, message);
    writeBallot(writer, message.ballot);
    writeDigits(writer, message.request);
  },
  read: (reader) => ({
    kind: 'prepare',
    ...readCallFields(reader),
    ballot: readBallot(reader),
    request: readDigits(reader),
  }),
};

/** What was promised, and what is held. */
export const prepareReply: MessageCodec<PrepareReply> = {
  number: 41,
  write(writer, message) {
    writeReplyFields(writer, message);
    writeBallot(writer, message.promised);
    writeNullable(writer, message.record, writeRecord);
    writeNullable(writer, message.applied, writeDot);
  },
  read: (reader) => ({
    kind: 'prepareReply',
    ...readReplyFields(reader),
    promised: readBallot(reader),
    record: readNullable(reader, readRecord),
    applied: readNullable(reader, readDot),
  }),
};

/** Accept this value. */
export const acceptCall: MessageCodec<AcceptCall> = {
  number: 42,
  write(writer, message) {
    writeCallFields(writer, message);
    writeRecord(writer, message.record);
  },
  read(reader) {
    const call: AcceptCall = { kind: 'accept', ...readCallFields(reader), record: readRecord(reader) };
    // A value without a ballot cannot be accepted under one.
    if (!isAccepted(call.record)) reader.fail('malformed');
    return call;
  },
};

/** Whether it was accepted. */
export const acceptReply: MessageCodec<AcceptReply> = {
  number: 43,
  write(writer, message) {
    writeReplyFields(writer, message);
    writeBallot(writer, message.promised);
  },
  read: (reader) => ({
    kind: 'acceptReply',
    ...readReplyFields(reader),
    promised: readBallot(reader),
  }),
};
