/** What operators ask of the ring, and what has become of it. */

import { unreachable } from '../base/assert.ts';
import type {
  RingAim,
  RingCommand,
  RingOperation,
  RingOperationState,
  RingRefusal,
} from '../ring/ring-operation.ts';
import { Choice } from './choice.ts';
import { nameBytesMax, readDigits, readNodeId, writeDigits, writeNodeId } from './field.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

const aims = new Choice<RingAim['kind']>({
  join: 1,
  drain: 2,
  remove: 3,
  replace: 4,
  reshape: 5,
  replicas: 6,
});

const states = new Choice<RingOperationState>({
  queued: 1,
  running: 2,
  paused: 3,
  done: 4,
  aborted: 5,
  refused: 6,
});

const commands = new Choice<RingCommand['kind']>({ begin: 1, pause: 2, resume: 3, abort: 4 });

const refusals = new Choice<RingRefusal>({
  unknownNode: 1,
  alreadyMember: 2,
  onlyOwner: 3,
  tooFewNodes: 4,
  noRoom: 5,
  sameAsBefore: 6,
  unknownOperation: 7,
  ended: 8,
  notStarted: 9,
  alreadyAsked: 10,
  queueFull: 11,
  planChanged: 12,
  nodeAlive: 13,
  nodeUnreachable: 14,
});

const idBytesMax = 64;

export function writeRefusal(writer: ByteWriter, refusal: RingRefusal): void {
  refusals.write(writer, refusal);
}

export function readRefusal(reader: ByteReader): RingRefusal {
  return refusals.read(reader);
}

export function writeOperationId(writer: ByteWriter, id: string): void {
  writer.text(id);
}

export function readOperationId(reader: ByteReader): string {
  return reader.text(idBytesMax);
}

export function writeOperation(writer: ByteWriter, operation: RingOperation): void {
  writer.text(operation.id);
  writeAim(writer, operation.aim);
  writeDigits(writer, operation.plan);
  writer.flag(operation.force);
  states.write(writer, operation.state);
  writer.varint(operation.since);
  writer.text(operation.reason);
}

export function readOperation(reader: ByteReader): RingOperation {
  return {
    id: readOperationId(reader),
    aim: readAim(reader),
    plan: readDigits(reader),
    force: reader.flag(),
    state: states.read(reader),
    since: reader.varint(),
    reason: reader.text(nameBytesMax),
  };
}

export function writeCommand(writer: ByteWriter, command: RingCommand): void {
  commands.write(writer, command.kind);
  writer.text(command.id);
  if (command.kind !== 'begin') return;
  writeAim(writer, command.aim);
  writeDigits(writer, command.plan);
  writer.flag(command.force);
}

export function readCommand(reader: ByteReader): RingCommand {
  const kind = commands.read(reader);
  const id = readOperationId(reader);
  if (kind !== 'begin') return { kind, id };
  return { kind, id, aim: readAim(reader), plan: readDigits(reader), force: reader.flag() };
}

function writeAim(writer: ByteWriter, aim: RingAim): void {
  aims.write(writer, aim.kind);
  switch (aim.kind) {
    case 'drain':
    case 'remove':
      return writeNodeId(writer, aim.nodeId);
    case 'join':
    case 'reshape':
      writeNodeId(writer, aim.nodeId);
      writer.text(aim.zone);
      return writer.varint(aim.weight);
    case 'replace':
      writeNodeId(writer, aim.nodeId);
      writeNodeId(writer, aim.by);
      return writer.text(aim.zone);
    case 'replicas':
      return writer.varint(aim.replicas);
    default:
      return unreachable(aim);
  }
}

function readAim(reader: ByteReader): RingAim {
  const kind = aims.read(reader);
  switch (kind) {
    case 'drain':
    case 'remove':
      return { kind, nodeId: readNodeId(reader) };
    case 'join':
    case 'reshape':
      return { kind, nodeId: readNodeId(reader), zone: reader.text(nameBytesMax), weight: reader.varint() };
    case 'replace':
      return { kind, nodeId: readNodeId(reader), by: readNodeId(reader), zone: reader.text(nameBytesMax) };
    case 'replicas':
      return { kind, replicas: reader.varint() };
    default:
      return unreachable(kind);
  }
}
