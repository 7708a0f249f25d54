/** Events as they are kept in rows of the event log. */
import type { NodeId, WallMs } from '../base/ids.ts';
import type { KeptEvent, NodeEvent } from '../node/event.ts';
import { Choice } from './choice.ts';
import { ByteReader } from './reader.ts';
import { ByteWriter } from './writer.ts';

type Kind = KeptEvent['type'];
type OfKind<K extends Kind> = Extract<KeptEvent, { readonly type: K }>;

const kinds = new Choice<Kind>({
  member: 1,
  ring: 2,
  state: 3,
  conflict: 4,
  repair: 5,
  corrupt: 6,
  warning: 7,
});
const statuses = new Choice<OfKind<'member'>['status']>({ alive: 1, suspect: 2, dead: 3, left: 4 });
const states = new Choice<OfKind<'state'>['state']>({
  booting: 1,
  joining: 2,
  normal: 3,
  recovering: 4,
  leaving: 5,
  stopping: 6,
  left: 7,
});
const changes = new Choice<OfKind<'conflict'>['change']>({ found: 1, settled: 2 });

/** Bytes of any text of an event. */
const textBytesMax = 4096;
/** Characters of a reason or a message, none of which is meant to be so long; keys and rows always fit. */
const sentenceCharsMax = 1000;

/** What the log keeps of one event: when it happened, and of how many of its kind it is the newest. */
export interface EventRow {
  readonly at: WallMs;
  readonly count: number;
  readonly event: KeptEvent;
}

/** Whether an event is one that the log keeps. */
export function isKept(event: NodeEvent): event is KeptEvent {
  return event.type !== 'transfer' && event.type !== 'hint';
}

/** Filled and emptied within one call. */
const scratch = new ByteWriter();

export function encodeEventRow({ at, count, event }: EventRow): Uint8Array {
  const writer = scratch.clear();
  writer.f64(at);
  writer.varint(count);
  kinds.write(writer, event.type);
  switch (event.type) {
    case 'member':
      statuses.write(writer, event.status);
      writer.text(event.nodeId);
      break;
    case 'ring':
      writer.varint(event.epoch);
      writer.text(sentence(event.reason));
      break;
    case 'state':
      states.write(writer, event.state);
      writer.text(sentence(event.reason));
      break;
    case 'conflict':
      changes.write(writer, event.change);
      writer.text(event.key);
      break;
    case 'repair':
      writer.text(event.replica);
      writer.text(event.key);
      break;
    case 'corrupt':
      writer.text(event.row);
      break;
    case 'warning':
      writer.text(event.code);
      writer.text(sentence(event.message));
      break;
  }
  return writer.finish();
}

function sentence(text: string): string {
  return text.length <= sentenceCharsMax
    ? text
    : `${text.slice(0, sentenceCharsMax).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** What `encodeEventRow` wrote, or null if it is none. */
export function decodeEventRow(bytes: Uint8Array): EventRow | null {
  const reader = new ByteReader(bytes);
  const [at, count] = [reader.f64(), reader.varint()];
  const event = readEvent(reader);
  return reader.complete() ? { at, count, event } : null;
}

function readEvent(reader: ByteReader): KeptEvent {
  const type = kinds.read(reader);
  const text = () => reader.text(textBytesMax);
  switch (type) {
    case 'member':
      return { type, status: statuses.read(reader), nodeId: text() as NodeId };
    case 'ring':
      return { type, epoch: reader.varint(), reason: text() };
    case 'state':
      return { type, state: states.read(reader), reason: text() };
    case 'conflict':
      return { type, change: changes.read(reader), key: text() };
    case 'repair':
      return { type, replica: text() as NodeId, key: text() };
    case 'corrupt':
      return { type, row: text() };
    case 'warning':
      return { type, code: text(), message: text() };
  }
}
