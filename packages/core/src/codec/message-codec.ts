import type { MonoMs } from '../base/ids.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/**
 * How one kind of message is written and read. Its number is its name on the wire and never means anything else. A
 * changed layout is a new number: a node skips numbers it does not know, so a cluster can run two releases at once.
 */
export interface MessageCodec<Message> {
  readonly number: number;
  /** `now` is the monotonic time at which points in time become time left, because clocks of nodes do not compare. */
  write(writer: ByteWriter, message: Message, now: MonoMs): void;
  /** Reads the fields; the reader knows afterwards whether they were what `write` writes. */
  read(reader: ByteReader, now: MonoMs): Message;
}
