import type { MonoMs, NodeId } from '../base/ids.ts';
import type { Ring } from '../ring/ring.ts';
import type { CoordinatorHost } from './host.ts';
import type { KeyRequest, Running, RunningEvents } from './operation.ts';
import type { ClientAnswer } from './request.ts';

/** Pause before a refused forward is tried again, in ms: the ring that explains the refusal is on its way. */
const retryMs = 20;

/**
 * A request for a key that this node is no replica of: a replica coordinates it. A read may be passed to another
 * replica when the first does not answer; a write may not, unless it is certain that the first never ran it.
 */
export class ForwardOperation implements Running {
  #finished = false;
  readonly #host: CoordinatorHost;
  readonly #request: KeyRequest;
  readonly #events: RunningEvents;
  readonly #tried: NodeId[] = [];
  #ring: Ring;
  #open: number | null = null;
  #started: MonoMs = 0;

  constructor(host: CoordinatorHost, ring: Ring, request: KeyRequest, events: RunningEvents) {
    this.#host = host;
    this.#ring = ring;
    this.#request = request;
    this.#events = events;
  }

  start(): void {
    this.#started = this.#host.timers.now;
    this.#forward();
  }

  ringChanged(ring: Ring): boolean {
    this.#ring = ring;
    return true;
  }

  abandon(): void {
    if (this.#open !== null) this.#host.calls.close(this.#open);
    if (!this.#finished) this.#end(null);
  }

  expire(): void {
    const outcome = this.#open !== null && this.#request.kind !== 'get' ? 'unknown' : 'failed';
    this.#fail(outcome, 'no replica answered in time');
  }

  #forward(): void {
    if (this.#finished) return;
    const { current } = this.#ring.replicasOf(this.#request.ref.bucket);
    const fresh = current.filter((node) => node !== this.#host.self && !this.#tried.includes(node));
    const target =
      this.#fastest(fresh.filter((node) => this.#host.isReachable(node))) ?? this.#fastest(fresh);
    if (target === null) return this.#fail('failed', 'no replica could be reached');
    this.#tried.push(target);
    const { epoch } = this.#ring;
    let sent = false;
    const rpc = this.#host.calls.call(
      target,
      (id) => {
        sent = true;
        return { kind: 'forward', rpc: id, epoch, request: this.#request };
      },
      (reply) => {
        this.#open = null;
        if (reply?.kind === 'forwardReply') return this.#answered(target, reply.answer);
        if (this.#request.kind === 'get') return this.#forward();
        this.#fail('unknown', `${target} was lost while it coordinated the write`);
      },
    );
    if (sent && !this.#finished) this.#open = rpc;
  }

  #answered(target: NodeId, answer: ClientAnswer): void {
    if (this.#finished) return;
    const refused =
      answer.kind === 'error' &&
      answer.error.outcome === 'failed' &&
      answer.error.details?.['retry'] === 'ring';
    if (refused) {
      // The two nodes hold different rings. Nothing was done; once the rings agree the same request will find its way.
      this.#host.heardEpoch(target, Number(answer.error.details?.['ringEpoch'] ?? 0));
      this.#tried.length = 0;
      this.#host.timers.after(retryMs, () => this.#forward());
      return;
    }
    this.#end(this.#withForwarder(answer));
  }

  #withForwarder(answer: ClientAnswer): ClientAnswer {
    if (answer.kind === 'listed' || answer.explain === null) return answer;
    const totalUs = Math.round((this.#host.timers.now - this.#started) * 1000);
    return { ...answer, explain: { ...answer.explain, forwardedBy: this.#host.self, totalUs } };
  }

  #fastest(nodes: readonly NodeId[]): NodeId | null {
    let best: NodeId | null = null;
    for (const node of nodes) {
      if (best === null || this.#host.latency.p95(node) < this.#host.latency.p95(best)) best = node;
    }
    return best;
  }

  #end(answer: ClientAnswer | null): void {
    this.#finished = true;
    if (answer !== null) this.#events.answer(answer);
    this.#events.finished();
  }

  #fail(outcome: 'failed' | 'unknown', message: string): void {
    if (this.#finished) return;
    const details = { phase: 'forward', tried: this.#tried, ringEpoch: this.#ring.epoch };
    this.#end({
      kind: 'error',
      error: { code: 'quorum_unavailable', outcome, message, details },
      explain: null,
    });
  }
}
