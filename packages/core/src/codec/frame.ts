/**
 * A frame: what one node has to say to another at one time.
 *
 * | part | content |
 * |---|---|
 * | version | one byte, 1 |
 * | count | how many messages follow, 4 bytes |
 * | clock | the sender's HLC when it sent the frame |
 * | messages | each with its length in front |
 * | checksum | CRC-32C of all before it, 4 bytes |
 */
import type { Hlc, MonoMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { PeerMessage } from '../node/messages.ts';
import { crc32c } from './crc32c.ts';
import { decodeMessage, encodeMessage } from './messages.ts';
import { ByteReader } from './reader.ts';
import { ByteWriter } from './writer.ts';

const version = 1;
const countAt = 1;
const checksumBytes = 4;

/** Filled and emptied within one call. */
const scratch = new ByteWriter(65_536);

/** A frame as it was read. */
export interface Frame {
  readonly hlc: Hlc;
  readonly messages: readonly PeerMessage[];
  /** Messages passed over: of a kind that a newer release has added, or not what their kind should be. */
  readonly skipped: number;
}

/** The bytes of one frame; `now` is this node's monotonic time, from which deadlines are counted. */
export function encodeFrame(hlc: Hlc, messages: readonly PeerMessage[], now: MonoMs): Uint8Array {
  startFrame(hlc);
  for (const message of messages) encodeMessage(scratch, message, now);
  return finishFrame(messages.length);
}

/**
 * As `encodeFrame`, in as many frames as keep each near `bytesTarget`: the message that reaches it closes the frame, so
 * the time and the memory one frame takes are bounded by that and one message.
 */
export function encodeFrames(
  hlc: Hlc,
  messages: readonly PeerMessage[],
  now: MonoMs,
  bytesTarget: number = limits.frameBytesTarget,
): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let count = 0;
  for (const message of messages) {
    if (count === 0) startFrame(hlc);
    encodeMessage(scratch, message, now);
    count++;
    if (scratch.length < bytesTarget) continue;
    frames.push(finishFrame(count));
    count = 0;
  }
  if (count > 0) frames.push(finishFrame(count));
  return frames;
}

function startFrame(hlc: Hlc): void {
  scratch.clear();
  scratch.u8(version);
  scratch.u32(0);
  scratch.varint(hlc);
}

function finishFrame(count: number): Uint8Array {
  scratch.patchU32(countAt, count);
  scratch.u32(crc32c(scratch.view()));
  return scratch.finish();
}

/**
 * The frame in these bytes, with deadlines counted from this node's monotonic `now`; null if they are no whole frame of
 * this version. Never throws. A message that cannot be read is passed over alone: the others, and the connection, are
 * good.
 */
export function decodeFrame(bytes: Uint8Array, now: MonoMs): Frame | null {
  const end = bytes.length - checksumBytes;
  if (end < 1 || bytes.length > limits.frameBytesMax || bytes[0] !== version) return null;
  if (new ByteReader(bytes, end).u32() !== crc32c(bytes, 0, end)) return null;
  const reader = new ByteReader(bytes, countAt, end);
  const count = reader.u32();
  const hlc = reader.varint() as Hlc;
  const messages: PeerMessage[] = [];
  for (let i = 0; i < count && reader.failure === null; i++) {
    const message = decodeMessage(reader, now);
    if (message !== null) messages.push(message);
  }
  return reader.complete() ? { hlc, messages, skipped: count - messages.length } : null;
}
