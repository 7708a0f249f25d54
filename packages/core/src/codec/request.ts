import { unreachable } from '../base/assert.ts';
import type { MonoMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type {
  ClientRequest,
  Condition,
  DeleteRequest,
  GetRequest,
  Level,
  ListRequest,
  PutRequest,
} from '../coordinator/request.ts';
import { Choice } from './choice.ts';
import { readContext, writeContext } from './clock.ts';
import {
  nameBytesMax,
  readExpiry,
  readList,
  readNullable,
  readRef,
  readTable,
  writeList,
  writeNullable,
  writeRef,
} from './field.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

const kinds = new Choice<ClientRequest['kind']>({ put: 1, delete: 2, get: 3, list: 4 });

const conditions = new Choice<Condition['kind'] | 'none'>({ none: 0, match: 1, exists: 2, absent: 3 });

/** Levels by name; an explicit count n is `counted + n`. */
const levels = { one: 0, quorum: 1, all: 2 } as const;
const counted = 2;

const requestIdBytesMax = 3 * limits.requestIdCharsMax;

/** Writes a client's request; its deadline travels as whole milliseconds left at `now`. */
export function writeRequest(writer: ByteWriter, request: ClientRequest, now: MonoMs): void {
  kinds.write(writer, request.kind);
  writer.varint(Math.max(0, Math.floor(request.deadlineAt - now)));
  if (request.kind === 'list') return writeListFields(writer, request);
  writeRef(writer, request.ref);
  writeLevel(writer, request.level);
  writer.flag(request.explain);
  if (request.kind === 'get') return;
  writeNullable(writer, request.context, writeContext);
  writeCondition(writer, request.condition);
  writeNullable(writer, request.requestId, (w, id) => w.text(id));
  if (request.kind === 'delete') return;
  writer.bytes(request.value);
  writer.f64(request.expiresAt);
}

/**
 * Reads what `writeRequest` wrote, its deadline counted from this node's `now`. What the edge of an honest node has
 * bounded is bounded here again: time and page are cut, a value that is too long is refused.
 */
export function readRequest(reader: ByteReader, now: MonoMs): ClientRequest {
  const kind = kinds.read(reader);
  const deadlineAt = now + Math.min(reader.varint(), limits.requestDeadlineMsMax);
  switch (kind) {
    case 'list':
      return readListFields(reader, deadlineAt);
    case 'get':
      return { kind, ...readCommon(reader, deadlineAt) } satisfies GetRequest;
    case 'delete':
      return { kind, ...readCommon(reader, deadlineAt), ...readWriteFields(reader) } satisfies DeleteRequest;
    case 'put':
      return {
        kind,
        ...readCommon(reader, deadlineAt),
        ...readWriteFields(reader),
        value: reader.bytes(limits.valueBytesMax),
        expiresAt: readExpiry(reader),
      } satisfies PutRequest;
    default:
      return unreachable(kind);
  }
}

function readCommon(reader: ByteReader, deadlineAt: MonoMs) {
  return { ref: readRef(reader), level: readLevel(reader), deadlineAt, explain: reader.flag() };
}

function readWriteFields(reader: ByteReader) {
  return {
    context: readNullable(reader, readContext),
    condition: readCondition(reader),
    requestId: readNullable(reader, (r) => r.text(requestIdBytesMax)),
  };
}

function writeCondition(writer: ByteWriter, condition: Condition | null): void {
  conditions.write(writer, condition?.kind ?? 'none');
  if (condition?.kind === 'match') writeList(writer, condition.etags, (w, etag) => w.text(etag));
}

function readCondition(reader: ByteReader): Condition | null {
  const kind = conditions.read(reader);
  switch (kind) {
    case 'none':
      return null;
    case 'exists':
    case 'absent':
      return { kind };
    case 'match': {
      const etags = readList(reader, (r) => r.text(nameBytesMax));
      if (etags.length > limits.conditionEtagsMax) reader.fail('tooLong');
      return { kind, etags };
    }
    default:
      return unreachable(kind);
  }
}

function writeListFields(writer: ByteWriter, { table, prefix, after, limit, contested }: ListRequest): void {
  writer.text(table);
  writer.text(prefix);
  writer.text(after);
  writer.varint(limit);
  writer.flag(contested);
}

function readListFields(reader: ByteReader, deadlineAt: MonoMs): ListRequest {
  const table = readTable(reader);
  const prefix = reader.text(limits.keyBytesMax);
  const after = reader.text(limits.keyBytesMax);
  const limit = Math.min(reader.varint(), limits.listPageKeysMax);
  return { kind: 'list', table, prefix, after, limit, contested: reader.flag(), deadlineAt };
}

function writeLevel(writer: ByteWriter, level: Level): void {
  writer.varint(typeof level === 'string' ? levels[level] : counted + level.count);
}

function readLevel(reader: ByteReader): Level {
  const number = reader.varint();
  if (number > counted) return { count: number - counted };
  return number === levels.one ? 'one' : number === levels.quorum ? 'quorum' : 'all';
}
