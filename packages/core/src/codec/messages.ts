/**
 * Everything one node says to another over the reliable connection, as bytes: the length of what follows (4 bytes),
 * the number of the kind, the fields. The length lets a node pass over what it cannot read.
 */
import { assert } from '../base/assert.ts';
import type { MonoMs } from '../base/ids.ts';
import type { PeerMessage } from '../node/messages.ts';
import { nodeClockCall, nodeClockReply } from './clock-messages.ts';
import { forwardCall, forwardReply } from './forward-messages.ts';
import type { MessageCodec } from './message-codec.ts';
import { keysCall, keysReply, pullCall, pullReply } from './page-messages.ts';
import { acceptCall, acceptReply, prepareCall, prepareReply } from './paxos-messages.ts';
import type { ByteReader } from './reader.ts';
import { clockCall, clockReply, readCall, readReply, storeCall, storeReply } from './replica-messages.ts';
import {
  ringAccept,
  ringAccepted,
  ringAsk,
  ringFetch,
  ringJoin,
  ringNews,
  ringPrepare,
  ringPromise,
  ringReady,
  ringRefused,
} from './ring-messages.ts';
import { statsMessage } from './stats-message.ts';
import { bucketCall, bucketReply, treeCall, treeReply } from './tree-messages.ts';
import type { ByteWriter } from './writer.ts';

type Codecs = {
  readonly [Kind in PeerMessage['kind']]: MessageCodec<Extract<PeerMessage, { kind: Kind }>>;
};

const codecs: Codecs = {
  clock: clockCall,
  clockReply,
  read: readCall,
  readReply,
  store: storeCall,
  storeReply,
  prepare: prepareCall,
  prepareReply,
  accept: acceptCall,
  acceptReply,
  forward: forwardCall,
  forwardReply,
  keys: keysCall,
  keysReply,
  pull: pullCall,
  pullReply,
  tree: treeCall,
  treeReply,
  bucket: bucketCall,
  bucketReply,
  nodeClock: nodeClockCall,
  nodeClockReply,
  stats: statsMessage,
  ringFetch,
  ringNews,
  ringPrepare,
  ringPromise,
  ringAccept,
  ringAccepted,
  ringJoin,
  ringReady,
  ringAsk,
  ringRefused,
};

const codecOfNumber = new Map<number, MessageCodec<PeerMessage>>();
for (const codec of Object.values(codecs)) {
  assert(!codecOfNumber.has(codec.number), 'each kind of message has a number of its own');
  codecOfNumber.set(codec.number, codec);
}

/** Bytes of the length before each message. */
const lengthBytes = 4;

/** Writes a message; `now` is this node's monotonic time, from which deadlines are counted. */
export function encodeMessage(writer: ByteWriter, message: PeerMessage, now: MonoMs): void {
  const start = writer.length;
  writer.u32(0);
  const codec: MessageCodec<PeerMessage> = codecs[message.kind];
  writer.varint(codec.number);
  codec.write(writer, message, now);
  writer.patchU32(start, writer.length - start - lengthBytes);
}

/**
 * Reads one message, with deadlines counted from this node's monotonic `now`. Null if it is of no known kind or is not
 * what its kind writes: the reader then stands behind it and can go on. Only when not even its length fits has the
 * reader failed.
 */
export function decodeMessage(reader: ByteReader, now: MonoMs): PeerMessage | null {
  const part = reader.part(reader.u32());
  const codec = codecOfNumber.get(part.varint());
  if (codec === undefined) return null;
  const message = codec.read(part, now);
  return part.complete() ? message : null;
}
