import type { ActorId, Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Dot, VersionVector } from '../causality/record.ts';
import type { CausalContext } from '../coordinator/request.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** Length of the actor, one character of it, and the counter. */
const entryBytesMin = 3;

/** Writes a version vector: count, then actor and counter of each entry. */
export function writeClock(writer: ByteWriter, clock: VersionVector): void {
  writer.varint(clock.length);
  for (let i = 0; i < clock.length; i++) writeDot(writer, clock[i]!);
}

/** Reads a version vector; entries out of order, twice or empty fail the reader. */
export function readClock(reader: ByteReader): VersionVector {
  const count = reader.count(entryBytesMin);
  const clock: Dot[] = [];
  for (let i = 0; i < count && reader.failure === null; i++) {
    const entry = readDot(reader);
    if (i > 0 && entry.actor <= clock[i - 1]!.actor) reader.fail('malformed');
    clock.push(entry);
  }
  return clock;
}

/** Writes the actor and the counter of a dot. */
export function writeDot(writer: ByteWriter, dot: Dot): void {
  writer.text(dot.actor);
  writer.varint(dot.counter);
}

/** Reads a dot; a nameless actor or the counter 0 fails the reader. */
export function readDot(reader: ByteReader): Dot {
  const actor = reader.text(limits.actorBytesMax) as ActorId;
  const counter = reader.varint();
  if (actor === '' || counter === 0) reader.fail('malformed');
  return { actor, counter };
}

/** Writes what a client has seen of a key. */
export function writeContext(writer: ByteWriter, context: CausalContext): void {
  writer.varint(context.hlc);
  writeClock(writer, context.clock);
}

/** Reads what a client has seen of a key. */
export function readContext(reader: ByteReader): CausalContext {
  const hlc = reader.varint() as Hlc;
  return { clock: readClock(reader), hlc };
}
