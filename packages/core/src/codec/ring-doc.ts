/**
 * The canonical bytes of a ring: nodes with equal epochs of one cluster must hold equal documents, which is checked by
 * these bytes. Tokens ascend, so each is written as its distance from the one before; most take one byte or two.
 */
import type { RingDoc, RingMember, RingStatus } from '../ring/ring-doc.ts';
import { Choice } from './choice.ts';
import { nameBytesMax, readList, readNodeId, writeList, writeNodeId } from './field.ts';
import { ByteReader } from './reader.ts';
import { ByteWriter } from './writer.ts';

const statuses = new Choice<RingStatus>({ joining: 1, normal: 2, leaving: 3 });

const bucketMax = 65_535;

/** The canonical bytes of a ring, as they are stored. */
export function encodeRingDoc(doc: RingDoc): Uint8Array {
  const writer = new ByteWriter(4096);
  writeRingDoc(writer, doc);
  return writer.finish();
}

/** The ring whose canonical bytes these are, or null. */
export function decodeRingDoc(bytes: Uint8Array): RingDoc | null {
  const reader = new ByteReader(bytes);
  const doc = readRingDoc(reader);
  return reader.complete() ? doc : null;
}

/** Writes a ring, whose members and tokens must ascend. */
export function writeRingDoc(writer: ByteWriter, doc: RingDoc): void {
  writer.hex64(doc.clusterId);
  writer.varint(doc.epoch);
  writer.varint(doc.replicas);
  writeList(writer, doc.members, writeMember);
}

/** Reads a ring; members or tokens that do not ascend fail the reader. */
export function readRingDoc(reader: ByteReader): RingDoc {
  const clusterId = reader.hex64();
  const epoch = reader.varint();
  const replicas = reader.varint();
  const members = readList(reader, readMember);
  for (let i = 1; i < members.length; i++) {
    if (members[i - 1]!.nodeId >= members[i]!.nodeId) reader.fail('malformed');
  }
  return { clusterId, epoch, replicas, members };
}

function writeMember(writer: ByteWriter, member: RingMember): void {
  writeNodeId(writer, member.nodeId);
  statuses.write(writer, member.status);
  writer.text(member.zone);
  writer.varint(member.weight);
  writer.varint(member.tokens.length);
  let last = -1;
  for (const token of member.tokens) {
    writer.varint(token - last - 1);
    last = token;
  }
}

function readMember(reader: ByteReader): RingMember {
  const nodeId = readNodeId(reader);
  const status = statuses.read(reader);
  const zone = reader.text(nameBytesMax);
  const weight = reader.varint();
  let last = -1;
  const tokens = readList(reader, (r) => {
    last += 1 + r.varint();
    if (last > bucketMax) r.fail('malformed');
    return last;
  });
  return { nodeId, status, zone, weight, tokens };
}
