/**
 * What happened, as numbers: a ring buffer cheap enough to be always on, and a hash of everything that ever passed
 * through it. Equal seeds must give equal hashes; on a failure the last events are put into words.
 */

/** Kinds of traced events. The position is the code, so append only. */
export const traceKinds = [
  'boot',
  'crash',
  'pause',
  'resume',
  'step',
  'frame',
  'packet',
  'lost',
  'write',
  'durable',
  'poison',
  'reply',
  'call',
  'return',
  'fault',
  'heal',
  'phase',
  'event',
  'stopped',
  'disconnected',
  'clock',
] as const;

export type TraceKind = (typeof traceKinds)[number];

const codeOf = new Map(traceKinds.map((kind, code) => [kind, code]));

/** Columns of one event: virtual microseconds, kind, node index (−1: none), two numbers whose sense depends on the kind. */
const columns = 5;
const capacity = 4096;

export interface TracedEvent {
  readonly atMs: number;
  readonly kind: TraceKind;
  readonly node: number;
  readonly a: number;
  readonly b: number;
}

export class Trace {
  readonly #ring = new Float64Array(capacity * columns);
  #count = 0;
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;
  /** Called with every event as it happens; null costs nothing. */
  listener: ((event: TracedEvent, note: string) => void) | null = null;

  note(atMs: number, kind: TraceKind, node: number, a = 0, b = 0, words: (() => string) | null = null): void {
    const code = codeOf.get(kind)!;
    const micros = Math.round(atMs * 1000);
    const base = (this.#count++ % capacity) * columns;
    this.#ring[base] = micros;
    this.#ring[base + 1] = code;
    this.#ring[base + 2] = node;
    this.#ring[base + 3] = a;
    this.#ring[base + 4] = b;
    this.#mix(micros);
    this.#mix(code * 64 + node + 1);
    this.#mix(a);
    this.#mix(b);
    if (this.listener !== null) this.listener({ atMs, kind, node, a, b }, words?.() ?? '');
  }

  get count(): number {
    return this.#count;
  }

  /** 16 hex digits over every event so far, order included. */
  hash(): string {
    const word = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
    return word(this.#high) + word(this.#low);
  }

  /** The newest events, oldest first. */
  tail(events: number): TracedEvent[] {
    const size = Math.min(events, this.#count, capacity);
    return Array.from({ length: size }, (_, index) => {
      const base = ((this.#count - size + index) % capacity) * columns;
      return {
        atMs: this.#ring[base]! / 1000,
        kind: traceKinds[this.#ring[base + 1]!]!,
        node: this.#ring[base + 2]!,
        a: this.#ring[base + 3]!,
        b: this.#ring[base + 4]!,
      };
    });
  }

  /** Two 32-bit lanes of multiply-and-xor (as FNV-1a, but a word at a time): detects any difference, resists no enemy. */
  #mix(value: number): void {
    const low = value | 0;
    const high = Math.floor(value / 4_294_967_296) | 0;
    this.#low = Math.imul(this.#low ^ low, 0x01000193) ^ (this.#high >>> 15);
    this.#high = Math.imul(this.#high ^ low ^ high, 0x85ebca6b) ^ (this.#low >>> 13);
  }
}

/** One event as a line of text. `names` gives node names by index. */
export function describeEvent(event: TracedEvent, names: readonly string[]): string {
  const who = names[event.node] ?? '';
  return `${event.atMs.toFixed(3).padStart(11)} ms  ${who.padEnd(4)} ${event.kind.padEnd(12)} ${event.a} ${event.b}`;
}
