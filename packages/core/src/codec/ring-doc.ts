/**
 * The canonical bytes of a ring: nodes with equal epochs of one cluster must hold equal documents, which is checked by
 * these bytes. Tokens ascend, so each is written as its distance from the one before; most take one byte or two.
 */
import type { MemberShape, RingChange, RingDoc, RingMember, RingStatus } from '../ring/ring-doc.ts';
import { Choice } from './choice.ts';
import {
  nameBytesMax,
  readList,
  readNodeId,
  readNullable,
  writeList,
  writeNodeId,
  writeNullable,
} from './field.ts';
import { ByteReader } from './reader.ts';
import { readOperation, readOperationId, writeOperation, writeOperationId } from './ring-operation.ts';
import { ByteWriter } from './writer.ts';

const statuses = new Choice<RingStatus>({ joining: 1, normal: 2, leaving: 3 });

const bucketMax = 65_535;

/** Added to N where a change or operations follow the members; without them the bytes are what they were before there were any. */
const withOperations = 64;

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
  const { change, operations } = doc;
  const more = change !== null || operations.length > 0;
  writer.hex64(doc.clusterId);
  writer.varint(doc.epoch);
  writer.varint(more ? doc.replicas + withOperations : doc.replicas);
  writeList(writer, doc.members, writeMember);
  if (!more) return;
  writeNullable(writer, change, writeChange);
  writeList(writer, operations, writeOperation);
}

/** Reads a ring; members or tokens that do not ascend fail the reader. */
export function readRingDoc(reader: ByteReader): RingDoc {
  const clusterId = reader.hex64();
  const epoch = reader.varint();
  const marked = reader.varint();
  const more = marked >= withOperations;
  const replicas = more ? marked - withOperations : marked;
  const members = readAscending(reader, readMember);
  const change = more ? readNullable(reader, readChange) : null;
  const operations = more ? readList(reader, readOperation) : [];
  // One document has one encoding.
  if (more && change === null && operations.length === 0) reader.fail('malformed');
  return { clusterId, epoch, replicas, members, change, operations };
}

function readAscending<Shape extends MemberShape>(
  reader: ByteReader,
  read: (reader: ByteReader) => Shape,
): Shape[] {
  const shapes = readList(reader, read);
  for (let i = 1; i < shapes.length; i++) {
    if (shapes[i - 1]!.nodeId >= shapes[i]!.nodeId) reader.fail('malformed');
  }
  return shapes;
}

function writeChange(writer: ByteWriter, change: RingChange): void {
  writeOperationId(writer, change.operation);
  writer.varint(change.replicas);
  writeList(writer, change.shapes, (w, shape) => {
    writeNodeId(w, shape.nodeId);
    writePlace(w, shape);
  });
}

function readChange(reader: ByteReader): RingChange {
  return {
    operation: readOperationId(reader),
    replicas: reader.varint(),
    shapes: readAscending(reader, (r) => ({ nodeId: readNodeId(r), ...readPlace(r) })),
  };
}

function writeMember(writer: ByteWriter, member: RingMember): void {
  writeNodeId(writer, member.nodeId);
  statuses.write(writer, member.status);
  writePlace(writer, member);
}

function readMember(reader: ByteReader): RingMember {
  return { nodeId: readNodeId(reader), status: statuses.read(reader), ...readPlace(reader) };
}

function writePlace(writer: ByteWriter, { zone, weight, tokens }: MemberShape): void {
  writer.text(zone);
  writer.varint(weight);
  writer.varint(tokens.length);
  let last = -1;
  for (const token of tokens) {
    writer.varint(token - last - 1);
    last = token;
  }
}

function readPlace(reader: ByteReader): Omit<MemberShape, 'nodeId'> {
  const zone = reader.text(nameBytesMax);
  const weight = reader.varint();
  let last = -1;
  const tokens = readList(reader, (r) => {
    last += 1 + r.varint();
    if (last > bucketMax) r.fail('malformed');
    return last;
  });
  return { zone, weight, tokens };
}
