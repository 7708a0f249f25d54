/**
 * Frames of a release after this one: between the messages that both know stand some of a kind that only the newer one
 * does. So a cluster is upgraded node by node, and the older nodes pass over what they cannot read.
 */
import { crc32c } from '@starling/core/codec/crc32c.ts';
import { ByteReader } from '@starling/core/codec/reader.ts';
import { varintLength } from '@starling/core/codec/varint.ts';
import { ByteWriter } from '@starling/core/codec/writer.ts';
import type { Prng } from './prng.ts';

/** A number no kind of message has had. */
const unknownKind = 9999;
const versionBytes = 1;
const countBytes = 4;
const checksumBytes = 4;
/** Longest content of a message of the unknown kind. */
const contentBytesMax = 40;

/** The frame with one more message of the unknown kind, before or behind all others. */
export function withUnknownMessage(frame: Uint8Array, random: Prng): Uint8Array {
  const reader = new ByteReader(frame, versionBytes);
  const count = reader.u32();
  const headerEnd = versionBytes + countBytes + varintLength(reader.varint());
  const end = frame.length - checksumBytes;
  const at = random.chance(0.5) ? headerEnd : end;
  const writer = new ByteWriter(frame.length + 2 * contentBytesMax);
  writer.raw(frame.subarray(0, at));
  const content = Uint8Array.from({ length: random.below(contentBytesMax + 1) }, () => random.below(256));
  writer.u32(varintLength(unknownKind) + content.length);
  writer.varint(unknownKind);
  writer.raw(content);
  writer.raw(frame.subarray(at, end));
  writer.patchU32(versionBytes, count + 1);
  writer.u32(crc32c(writer.view()));
  return writer.finish();
}
