/** How nodes spread, propose and choose rings. */
import type {
  RingAccept,
  RingAccepted,
  RingAsk,
  RingFetch,
  RingJoin,
  RingNews,
  RingPrepare,
  RingPromise,
  RingReady,
  RingRefused,
} from '../ring/messages.ts';
import type { RingCommand } from '../ring/ring-operation.ts';
import { readBallot, writeBallot } from './ballot.ts';
import { Choice } from './choice.ts';
import { nameBytesMax, readNodeId, readNullable, writeNodeId, writeNullable } from './field.ts';
import type { MessageCodec } from './message-codec.ts';
import { readRingDoc, writeRingDoc } from './ring-doc.ts';
import {
  readCommand,
  readOperationId,
  readRefusal,
  writeCommand,
  writeOperationId,
  writeRefusal,
} from './ring-operation.ts';

/** Which ring do you know? */
export const ringFetch: MessageCodec<RingFetch> = {
  number: 20,
  write() {},
  read: () => ({ kind: 'ringFetch' }),
};

/** A ring that was chosen. */
export const ringNews: MessageCodec<RingNews> = {
  number: 21,
  write: (writer, message) => writeRingDoc(writer, message.doc),
  read: (reader) => ({ kind: 'ringNews', doc: readRingDoc(reader) }),
};

/** Paxos phase 1, asked. */
export const ringPrepare: MessageCodec<RingPrepare> = {
  number: 22,
  write(writer, message) {
    writer.varint(message.epoch);
    writeBallot(writer, message.ballot);
  },
  read: (reader) => ({ kind: 'ringPrepare', epoch: reader.varint(), ballot: readBallot(reader) }),
};

/** Paxos phase 1, answered. */
export const ringPromise: MessageCodec<RingPromise> = {
  number: 23,
  write(writer, message) {
    writer.varint(message.epoch);
    writeBallot(writer, message.ballot);
    writeBallot(writer, message.promised);
    writeNullable(writer, message.accepted, (w, { ballot, doc }) => {
      writeBallot(w, ballot);
      writeRingDoc(w, doc);
    });
  },
  read: (reader) => ({
    kind: 'ringPromise',
    epoch: reader.varint(),
    ballot: readBallot(reader),
    promised: readBallot(reader),
    accepted: readNullable(reader, (r) => ({ ballot: readBallot(r), doc: readRingDoc(r) })),
  }),
};

/** Paxos phase 2, asked. */
export const ringAccept: MessageCodec<RingAccept> = {
  number: 24,
  write(writer, message) {
    writer.varint(message.epoch);
    writeBallot(writer, message.ballot);
    writeRingDoc(writer, message.doc);
  },
  read: (reader) => ({
    kind: 'ringAccept',
    epoch: reader.varint(),
    ballot: readBallot(reader),
    doc: readRingDoc(reader),
  }),
};

/** Paxos phase 2, asked. */
/** Paxos phase 2, answered. */
export const ringAccepted: MessageCodec<RingAccepted> = {
  number: 25,
  write(writer, message) {
    writer.varint(message.epoch);
    writeBallot(writer, message.ballot);
    writeBallot(writer, message.promised);
  },
  read: (reader) => ({
    kind: 'ringAccepted',
    epoch: reader.varint(),
    ballot: readBallot(reader),
    promised: readBallot(reader),
  }),
};

/** Let this node into the ring. */
export const ringJoin: MessageCodec<RingJoin> = {
  number: 26,
  write(writer, message) {
    writeNodeId(writer, message.nodeId);
    writer.text(message.zone);
    writer.varint(message.weight);
    writeNullable(writer, message.replaces, writeNodeId);
  },
  read: (reader) => ({
    kind: 'ringJoin',
    nodeId: readNodeId(reader),
    zone: reader.text(nameBytesMax),
    weight: reader.varint(),
    replaces: readNullable(reader, readNodeId),
  }),
};

/** A joining node has all its data. */
export const ringReady: MessageCodec<RingReady> = {
  number: 27,
  write(writer, message) {
    writeNodeId(writer, message.nodeId);
    writer.varint(message.epoch);
  },
  read: (reader) => ({ kind: 'ringReady', nodeId: readNodeId(reader), epoch: reader.varint() }),
};

const commandKinds = new Choice<RingCommand['kind']>({ begin: 1, pause: 2, resume: 3, abort: 4 });

/** Make the change that an operator asks for. */
export const ringAsk: MessageCodec<RingAsk> = {
  number: 28,
  write: (writer, message) => writeCommand(writer, message.command),
  read: (reader) => ({ kind: 'ringAsk', command: readCommand(reader) }),
};

/** It cannot be made. */
export const ringRefused: MessageCodec<RingRefused> = {
  number: 29,
  write(writer, message) {
    writeOperationId(writer, message.id);
    commandKinds.write(writer, message.command);
    writeRefusal(writer, message.refusal);
  },
  read: (reader) => ({
    kind: 'ringRefused',
    id: readOperationId(reader),
    command: commandKinds.read(reader),
    refusal: readRefusal(reader),
  }),
};
