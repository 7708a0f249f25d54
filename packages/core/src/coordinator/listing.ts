import type { NodeId } from '../base/ids.ts';
import { compareUtf8 } from '../base/utf8.ts';
import type { KeysReply } from '../node/messages.ts';
import type { Ring } from '../ring/ring.ts';
import type { CoordinatorHost } from './host.ts';
import type { Running, RunningEvents } from './operation.ts';
import { majority } from './quorum.ts';
import type { ClientAnswer, ListRequest } from './request.ts';

type Page = Pick<KeysReply, 'keys' | 'done'>;

/**
 * One page of keys in key order, merged from the nodes' own ordered lists. Every arc must have answered by a
 * majority of its replicas, so a key acknowledged at quorum is in the list; a delete that a replica has not heard of
 * yet may leave its key in it. The same holds for conflicts: one that a quorum holds is in the list, one that has been
 * settled may still be.
 */
export class ListOperation implements Running {
  #answered = false;
  readonly #host: CoordinatorHost;
  readonly #request: ListRequest;
  readonly #events: RunningEvents;
  readonly #localKeys: (request: ListRequest, then: (page: Page | null) => void) => void;
  readonly #pages = new Map<NodeId, Page>();
  readonly #verdicts: Record<string, string> = {};
  #waiting = 0;
  /** Answers of an earlier ring are told apart by this. */
  #attempt = 0;
  #ring: Ring;

  constructor(
    host: CoordinatorHost,
    ring: Ring,
    request: ListRequest,
    localKeys: (request: ListRequest, then: (page: Page | null) => void) => void,
    events: RunningEvents,
  ) {
    this.#host = host;
    this.#ring = ring;
    this.#request = request;
    this.#localKeys = localKeys;
    this.#events = events;
  }

  start(): void {
    const attempt = ++this.#attempt;
    this.#pages.clear();
    const owners = this.#ring.owners;
    this.#waiting = owners.length;
    for (const node of owners) this.#ask(node, attempt);
  }

  ringChanged(ring: Ring): boolean {
    this.#ring = ring;
    if (!this.#answered) this.start();
    return true;
  }

  expire(): void {
    if (!this.#answered) this.#fail();
  }

  abandon(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#events.finished();
  }

  #end(answer: ClientAnswer): void {
    this.#answered = true;
    this.#events.answer(answer);
    this.#events.finished();
  }

  #ask(node: NodeId, attempt: number): void {
    this.#verdicts[node] = 'no answer';
    const arrived = (page: Page | null, verdict: string) => {
      if (attempt !== this.#attempt || this.#answered) return;
      this.#verdicts[node] = verdict;
      if (page !== null) this.#pages.set(node, page);
      this.#waiting--;
      this.#check();
    };
    if (node === this.#host.self)
      return this.#localKeys(this.#request, (page) => arrived(page, page === null ? 'corrupt' : 'ok'));
    if (!this.#host.isReachable(node)) return arrived(null, 'down');
    const { table, prefix, after, limit, contested } = this.#request;
    this.#host.calls.call(
      node,
      (rpc) => ({ kind: 'keys', rpc, epoch: this.#ring.epoch, table, prefix, after, limit, contested }),
      (reply) => {
        if (reply === null || reply.kind !== 'keysReply') return arrived(null, 'disconnected');
        if (reply.result === 'staleEpoch') this.#host.heardEpoch(node, reply.epoch);
        arrived(reply.result === 'ok' ? reply : null, reply.result);
      },
    );
  }

  #check(): void {
    if (this.#waiting > 0) return;
    if (!this.#complete()) return this.#fail();
    this.#end({ kind: 'listed', ...this.#merge() });
  }

  #complete(): boolean {
    let complete = true;
    this.#ring.eachArc((_range, { current }) => {
      const answered = current.filter((node) => this.#pages.has(node)).length;
      complete &&= answered >= majority(current.length);
    });
    return complete;
  }

  /** A node that has more to tell says nothing about keys past its last: the page ends at the least such key. */
  #merge(): { readonly keys: readonly string[]; readonly next: string | null } {
    const all = new Set<string>();
    let bound: string | null = null;
    for (const page of this.#pages.values()) {
      for (const key of page.keys) all.add(key);
      const last = page.keys.at(-1);
      if (!page.done && last !== undefined && (bound === null || compareUtf8(last, bound) < 0)) bound = last;
    }
    const end = bound;
    const sorted = [...all].filter((key) => end === null || compareUtf8(key, end) <= 0).sort(compareUtf8);
    const keys = sorted.slice(0, this.#request.limit);
    const more = bound !== null || sorted.length > keys.length;
    return { keys, next: more ? (keys.at(-1) ?? null) : null };
  }

  #fail(): void {
    this.#end({
      kind: 'error',
      error: {
        code: 'quorum_unavailable',
        outcome: 'failed',
        message: 'a majority of the replicas of every arc is needed to list keys',
        details: { phase: 'list', replicas: this.#verdicts, ringEpoch: this.#ring.epoch },
      },
      explain: null,
    });
  }
}
