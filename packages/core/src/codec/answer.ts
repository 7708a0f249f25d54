import { unreachable } from '../base/assert.ts';
import type { DbError, ErrorCode, Outcome } from '../base/errors.ts';
import type { Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type {
  ClientAnswer,
  ListResult,
  ReadResult,
  VisibleSibling,
  WriteResult,
} from '../coordinator/request.ts';
import { Choice } from './choice.ts';
import { readContext, writeContext } from './clock.ts';
import { readDetails, writeDetails } from './details.ts';
import { readExplain, writeExplain } from './explain.ts';
import {
  nameBytesMax,
  readExpiry,
  readList,
  readNullable,
  readProse,
  writeList,
  writeNullable,
  writeProse,
} from './field.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

const kinds = new Choice<ClientAnswer['kind']>({ written: 1, read: 2, listed: 3, error: 4, unmet: 5 });

const outcomes = new Choice<Outcome>({ failed: 1, unknown: 2 });

const errorCodes = new Choice<ErrorCode>({
  invalid_request: 1,
  invalid_key: 2,
  invalid_context: 3,
  not_found: 4,
  request_id_reused: 5,
  too_many_siblings: 6,
  payload_too_large: 7,
  overloaded: 8,
  quorum_unavailable: 9,
  not_ready: 10,
  recovering: 11,
  disk_full: 12,
  storage_failed: 13,
  shutting_down: 14,
  corrupt: 15,
});

/** Writes the answer to a client's request. */
export function writeAnswer(writer: ByteWriter, answer: ClientAnswer): void {
  kinds.write(writer, answer.kind);
  switch (answer.kind) {
    case 'written':
      return writeWritten(writer, answer);
    case 'read':
      return writeRead(writer, answer);
    case 'unmet':
      writeRead(writer, answer.found);
      return writeNullable(writer, answer.explain, writeExplain);
    case 'listed':
      writeList(writer, answer.keys, (w, key) => w.text(key));
      return writeNullable(writer, answer.next, (w, key) => w.text(key));
    case 'error':
      writeError(writer, answer.error);
      return writeNullable(writer, answer.explain, writeExplain);
    default:
      return unreachable(answer);
  }
}

/** Reads an answer. */
export function readAnswer(reader: ByteReader): ClientAnswer {
  const kind = kinds.read(reader);
  switch (kind) {
    case 'written':
      return readWritten(reader);
    case 'read':
      return readRead(reader);
    case 'unmet':
      return { kind, found: readRead(reader), explain: readNullable(reader, readExplain) };
    case 'listed':
      return {
        kind,
        keys: readList(reader, (r) => r.text(limits.keyBytesMax)),
        next: readNullable(reader, (r) => r.text(limits.keyBytesMax)),
      } satisfies ListResult;
    case 'error':
      return { kind, error: readError(reader), explain: readNullable(reader, readExplain) };
    default:
      return unreachable(kind);
  }
}

function writeWritten(writer: ByteWriter, answer: WriteResult): void {
  writeContext(writer, answer.context);
  writer.text(answer.etag);
  writer.text(answer.dot);
  writer.varint(answer.hlc);
  writer.varint(answer.siblingCount);
  writer.flag(answer.repeated);
  writeNullable(writer, answer.explain, writeExplain);
}

function readWritten(reader: ByteReader): WriteResult {
  return {
    kind: 'written',
    context: readContext(reader),
    etag: reader.text(nameBytesMax),
    dot: reader.text(nameBytesMax),
    hlc: reader.varint() as Hlc,
    siblingCount: reader.varint(),
    repeated: reader.flag(),
    explain: readNullable(reader, readExplain),
  };
}

function writeRead(writer: ByteWriter, answer: ReadResult): void {
  writeNullable(writer, answer.winner, writeVisible);
  writeList(writer, answer.siblings, writeVisible);
  writeContext(writer, answer.context);
  writer.text(answer.etag);
  writeNullable(writer, answer.explain, writeExplain);
}

function readRead(reader: ByteReader): ReadResult {
  return {
    kind: 'read',
    winner: readNullable(reader, readVisible),
    siblings: readList(reader, readVisible),
    context: readContext(reader),
    etag: reader.text(nameBytesMax),
    explain: readNullable(reader, readExplain),
  };
}

function writeVisible(writer: ByteWriter, sibling: VisibleSibling): void {
  writer.text(sibling.dot);
  writer.varint(sibling.hlc);
  writeNullable(writer, sibling.value, (w, value) => w.bytes(value));
  writer.f64(sibling.expiresAt);
}

function readVisible(reader: ByteReader): VisibleSibling {
  return {
    dot: reader.text(nameBytesMax),
    hlc: reader.varint() as Hlc,
    value: readNullable(reader, (r) => r.bytes()),
    expiresAt: readExpiry(reader),
  };
}

function writeError(writer: ByteWriter, error: DbError): void {
  errorCodes.write(writer, error.code);
  outcomes.write(writer, error.outcome);
  writeProse(writer, error.message);
  writer.flag(error.details !== undefined);
  if (error.details !== undefined) writeDetails(writer, error.details);
}

function readError(reader: ByteReader): DbError {
  const error = { code: errorCodes.read(reader), outcome: outcomes.read(reader), message: readProse(reader) };
  return reader.flag() ? { ...error, details: readDetails(reader) } : error;
}
