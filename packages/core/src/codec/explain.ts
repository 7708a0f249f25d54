import type { Explain, ExplainStep } from '../coordinator/request.ts';
import { Choice } from './choice.ts';
import {
  readList,
  readNodeId,
  readNullable,
  readProse,
  writeList,
  writeNodeId,
  writeNullable,
  writeProse,
} from './field.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

const phases = new Choice<ExplainStep['phase']>({
  clock: 1,
  read: 2,
  store: 3,
  'write-back': 4,
  hedge: 5,
  repair: 6,
  forward: 7,
  prepare: 8,
  accept: 9,
});

/** Writes how a request was carried out. */
export function writeExplain(writer: ByteWriter, explain: Explain): void {
  writeNodeId(writer, explain.coordinator);
  writeNullable(writer, explain.forwardedBy, writeNodeId);
  writer.varint(explain.ringEpoch);
  writer.varint(explain.bucket);
  writeList(writer, explain.replicas, writeNodeId);
  writeList(writer, explain.pending, writeNodeId);
  writer.varint(explain.needed);
  writeList(writer, explain.steps, writeStep);
  writer.f64(explain.totalUs);
}

/** Reads how a request was carried out. */
export function readExplain(reader: ByteReader): Explain {
  return {
    coordinator: readNodeId(reader),
    forwardedBy: readNullable(reader, readNodeId),
    ringEpoch: reader.varint(),
    bucket: reader.varint(),
    replicas: readList(reader, readNodeId),
    pending: readList(reader, readNodeId),
    needed: reader.varint(),
    steps: readList(reader, readStep),
    totalUs: reader.f64(),
  };
}

function writeStep(writer: ByteWriter, step: ExplainStep): void {
  writeNodeId(writer, step.replica);
  phases.write(writer, step.phase);
  writer.f64(step.sentUs);
  writeNullable(writer, step.answeredUs, (w, us) => w.f64(us));
  writeProse(writer, step.result);
  writer.flag(step.closedQuorum);
}

function readStep(reader: ByteReader): ExplainStep {
  return {
    replica: readNodeId(reader),
    phase: phases.read(reader),
    sentUs: reader.f64(),
    answeredUs: readNullable(reader, (r) => r.f64()),
    result: readProse(reader),
    closedQuorum: reader.flag(),
  };
}
