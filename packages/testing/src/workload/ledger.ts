/**
 * What the clients asked for and were told: the only truth the checkers have besides the machines' own deeds. Every
 * write has a number of its own, which its value carries.
 */
import type { WallMs } from '@starling/core/base/ids.ts';
import type { CausalContext, Level } from '@starling/core/coordinator/request.ts';
import { requestTag } from '@starling/core/coordinator/request-tag.ts';
import { absent, type Operation, open } from '../linearizability/history.ts';

/** A context as a client holds it: the token, and what the client was really shown when it got it. */
export interface SeenContext {
  readonly key: string;
  readonly context: CausalContext;
  /** The same as the client carries it. */
  readonly token: string;
  /** The latest wall time any node had read by then: what expired later was not left out for having expired. */
  readonly wallMs: WallMs;
  /** Dots (as text) of the writes it was shown or made itself. */
  readonly dots: readonly string[];
  /** The client's own write that this context was the answer to; null if it was the answer to a read. */
  readonly own: string | null;
}

export interface Attempt {
  /** Event number of the call. */
  readonly calledAt: number;
  outcome: 'pending' | 'ok' | 'failed' | 'unknown';
}

export interface Expected {
  readonly value: number;
  /** null: that there is no value. */
  readonly etag: string | null;
}

export interface WriteEntry {
  /** 1 or more; unique in the lifetime. */
  readonly id: number;
  readonly kind: 'put' | 'delete';
  readonly key: string;
  readonly client: string;
  readonly level: Level;
  readonly seen: SeenContext | null;
  /** For a conditional write: what the key must be, as a value's write number or `absent`, and how that was said. */
  readonly expected: Expected | null;
  readonly requestId: string | null;
  /** Its value has an end, which may come within the lifetime. */
  readonly expires: boolean;
  readonly attempts: Attempt[];
  /** Set by the answer that was ok. */
  dot: string | null;
  returnedAt: number;
  repeated: boolean;
}

export interface ReadEntry {
  readonly key: string;
  readonly client: string;
  readonly level: Level;
  readonly calledAt: number;
  readonly returnedAt: number;
  /** Write number of the value answered with, or `absent`. */
  readonly value: number;
}

/** One page of keys, as it was asked for and answered. */
export interface ListEntry {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
  /** Only keys in conflict were asked for. */
  readonly contested: boolean;
  readonly calledAt: number;
  readonly returnedAt: number;
  readonly keys: readonly string[];
  readonly next: string | null;
}

/** `failed` needs every attempt to have failed; one that is unknown may still take effect. */
export function outcomeOf(entry: WriteEntry): Attempt['outcome'] {
  const outcomes = entry.attempts.map((attempt) => attempt.outcome);
  for (const outcome of ['ok', 'pending', 'unknown'] as const) if (outcomes.includes(outcome)) return outcome;
  return 'failed';
}

export class Ledger {
  readonly writes: WriteEntry[] = [];
  readonly reads: ReadEntry[] = [];
  /** The newest context that any client has got of each key. */
  readonly newestContexts = new Map<string, SeenContext>();
  readonly #byRequest = new Map<string, WriteEntry>();
  #stamp = 0;

  /** The number of the present call or return: a total order without ties. */
  stamp(): number {
    return ++this.#stamp;
  }

  beginWrite(entry: Omit<WriteEntry, 'id' | 'attempts' | 'dot' | 'returnedAt' | 'repeated'>): WriteEntry {
    const write: WriteEntry = {
      ...entry,
      id: this.writes.length + 1,
      attempts: [],
      dot: null,
      returnedAt: open,
      repeated: false,
    };
    this.writes.push(write);
    if (write.requestId !== null) this.#byRequest.set(requestTag(write.requestId), write);
    return write;
  }

  /** The write whose value carries this number. */
  writeById(id: number): WriteEntry | null {
    return this.writes[id - 1] ?? null;
  }

  /** The write of the client request that a stored sibling names. */
  writeByRequest(tag: string): WriteEntry | null {
    return this.#byRequest.get(tag) ?? null;
  }

  /** The history of one key, as the linearizability checker wants it. */
  historyOf(key: string): Operation[] {
    const operations: Operation[] = [];
    let id = 0;
    for (const write of this.writes) {
      if (write.key !== key) continue;
      for (const interval of effectsOf(write)) {
        const value = write.kind === 'put' ? write.id : absent;
        const condition = write.expected === null ? {} : { expected: write.expected.value };
        operations.push({
          id: ++id,
          process: write.client,
          kind: write.kind,
          value,
          ...condition,
          ...interval,
        });
      }
    }
    for (const { client, calledAt, returnedAt, value, key: of } of this.reads) {
      if (of === key)
        operations.push({ id: ++id, process: client, kind: 'get', value, calledAt, returnedAt });
    }
    return operations;
  }
}

/**
 * The intervals in which a write may have taken effect, once each. An attempt without a known outcome may take effect
 * at any later time; when the answer says that it recognised an earlier attempt, that one is the acknowledged effect.
 */
function effectsOf(write: WriteEntry): Pick<Operation, 'calledAt' | 'returnedAt'>[] {
  const unknown = write.attempts.filter(({ outcome }) => outcome === 'unknown' || outcome === 'pending');
  const ok = write.attempts.find(({ outcome }) => outcome === 'ok');
  const left = unknown.map(({ calledAt }) => ({ calledAt, returnedAt: open }));
  if (ok === undefined) return left;
  const first = write.repeated ? left.shift() : undefined;
  return [{ calledAt: first?.calledAt ?? ok.calledAt, returnedAt: write.returnedAt }, ...left];
}
