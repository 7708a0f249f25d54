import { assert } from '../base/assert.ts';
import type { ErrorCode } from '../base/errors.ts';
import { InFlight } from '../base/in-flight.ts';
import { limits } from '../base/limits.ts';
import type { Timer } from '../base/timers.ts';
import type { StoredRecord } from '../causality/record.ts';
import type { KeysReply, ReplicaResult } from '../node/messages.ts';
import type { KeyRef } from '../ring/key.ts';
import type { Ring } from '../ring/ring.ts';
import { AgreedWrite } from './agreed-write.ts';
import { ForwardOperation } from './forward.ts';
import type { CoordinatorHost } from './host.ts';
import { ListOperation } from './listing.ts';
import type { KeyRequest, RefusedWrite, Running, RunningEvents } from './operation.ts';
import { ReadOperation } from './read.ts';
import type { ClientAnswer, ClientRequest, GetRequest, ListRequest } from './request.ts';
import { SettleOperation } from './settle.ts';
import { WriteOperation } from './write.ts';

export interface CoordinatorOptions {
  /** Requests that wait for an answer at one time; over it callers are refused at once rather than made to wait. */
  readonly requestsInFlightMax: number;
  /** Writes already answered that still wait for slow replicas; over it the oldest leave hints at once. */
  readonly lingeringMax: number;
  /** Why this request cannot be served now, or null. */
  readonly refusal: (request: ClientRequest) => { readonly code: ErrorCode; readonly message: string } | null;
  /** False while this node's own records may have holes: other replicas coordinate for it. */
  readonly mayCoordinate: () => boolean;
  readonly localKeys: (
    request: ListRequest,
    then: (page: Pick<KeysReply, 'keys' | 'done'> | null) => void,
  ) => void;
}

interface Slot {
  readonly request: ClientRequest;
  readonly forwarded: boolean;
  readonly events: RunningEvents;
  running: Running;
  readonly deadline: Timer;
  /** False once the client has its answer. */
  waiting: boolean;
}

/** Every request this node works on: admission, deadlines, hedges, and what a ring change means to them. */
export class Coordinator {
  readonly #host: CoordinatorHost;
  readonly #options: CoordinatorOptions;
  readonly #slots = new InFlight<Slot>();
  /** Numbers of requests that were answered before they were finished, in that order; those finished since included. */
  readonly #lingering: number[] = [];
  #next = 1;
  #waiting = 0;

  constructor(host: CoordinatorHost, options: CoordinatorOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Requests whose clients still wait. */
  get inFlight(): number {
    return this.#waiting;
  }

  /** Requests in any state, answered writes that wait for slow replicas included. */
  get size(): number {
    return this.#slots.size;
  }

  /**
   * Runs a client's request and calls `answer` once. With `forwarded` the request comes from another node and is
   * not passed on again. Answers the slot's number for `abandon`.
   */
  run(request: ClientRequest, forwarded: boolean, answer: (answer: ClientAnswer) => void): number {
    const slot = this.#next++;
    const refused = this.#admit(request);
    if (refused !== null) {
      answer(refused);
      return slot;
    }
    const ring = this.#host.ring();
    if (ring === null) {
      answer(refusal('not_ready', 'this node has no ring yet'));
      return slot;
    }
    const running = this.#begin(slot, request, forwarded, answer, (events) =>
      this.#operation(ring, request, forwarded, events),
    );
    if (!running) answer(notReplica(ring));
    return slot;
  }

  /** Gives a request its place and runs what `make` makes for it; false if that is nothing. */
  #begin(
    slot: number,
    request: ClientRequest,
    forwarded: boolean,
    answer: (answer: ClientAnswer) => void,
    make: (events: RunningEvents) => Running | null,
  ): boolean {
    const events: RunningEvents = {
      answer: (result) => {
        this.#answered(slot);
        answer(result);
      },
      finished: () => this.#finished(slot),
    };
    const running = make(events);
    if (running === null) return false;
    const deadline = this.#host.timers.after(request.deadlineAt - this.#host.timers.now, () =>
      this.#slots.get(slot)?.running.expire(),
    );
    this.#slots.add(slot, { request, forwarded, events, running, deadline, waiting: true });
    this.#waiting++;
    running.start();
    this.#boundLingering();
    return true;
  }

  /** The client of this request went away. */
  abandon(slot: number): void {
    const found = this.#slots.get(slot);
    if (found === undefined) return;
    this.#answered(slot);
    found.running.abandon();
  }

  ringChanged(ring: Ring): void {
    for (const [, slot] of this.#slots.entries()) {
      if (!slot.running.ringChanged(ring)) this.#handOn(slot, ring);
    }
  }

  /** A request that this node may no longer coordinate goes on elsewhere, under the deadline it came with. */
  #handOn(slot: Slot, ring: Ring): void {
    const { request, forwarded, events } = slot;
    const running = this.#operation(ring, request, forwarded, events);
    if (running === null) {
      events.answer(notReplica(ring));
      return events.finished();
    }
    slot.running = running;
    running.start();
  }

  #admit(request: ClientRequest): ClientAnswer | null {
    const why = this.#options.refusal(request);
    if (why !== null) return refusal(why.code, why.message);
    if (this.#waiting < this.#options.requestsInFlightMax) return null;
    return refusal(
      'overloaded',
      `${this.#waiting} requests are in flight, which is the bound: try again shortly`,
    );
  }

  #operation(ring: Ring, request: ClientRequest, forwarded: boolean, events: RunningEvents): Running | null {
    if (request.kind === 'list')
      return new ListOperation(this.#host, ring, request, this.#options.localKeys, events);
    const { current } = ring.replicasOf(request.ref.bucket);
    if (!current.includes(this.#host.self) || !this.#options.mayCoordinate()) {
      return forwarded ? null : new ForwardOperation(this.#host, ring, request, events);
    }
    return this.#coordinate(ring, request, events);
  }

  #coordinate(ring: Ring, request: KeyRequest, events: RunningEvents): Running {
    if (request.kind === 'get') {
      const read = new ReadOperation(this.#host, request, events);
      read.placeOn(ring);
      return read;
    }
    const write =
      request.condition === null
        ? new WriteOperation(this.#agree, this.#host, request, events)
        : new AgreedWrite({ refused: null, answered: false }, this.#host, request, events);
    write.placeOn(ring);
    return write;
  }

  /** A plain write has met a promise: its client, if it still waits, gets the answer of the agreement. */
  readonly #agree = (write: Running, refused: RefusedWrite | null, answered: boolean): void => {
    const slot = this.#slots.entries().find(([, { running }]) => running === write)?.[1];
    const ring = this.#host.ring();
    assert(slot !== undefined && ring !== null, 'a write that runs has a place and a ring');
    const { request, events } = slot;
    assert(request.kind === 'put' || request.kind === 'delete', 'only writes meet promises');
    const agreed = new AgreedWrite({ refused, answered }, this.#host, request, events);
    agreed.placeOn(ring);
    slot.running = agreed;
    agreed.start();
  };

  /**
   * Agrees on the value of a key, with the plain writes of `copy` in it; `then` hears `ok` when that is chosen. For a
   * replica of the key, which may be one that the arc is only moving to.
   */
  settle(ref: KeyRef, copy: StoredRecord, then: (result: ReplicaResult) => void): void {
    const ring = this.#host.ring();
    if (ring === null || !this.#options.mayCoordinate()) return then('recovering');
    if (this.#waiting >= this.#options.requestsInFlightMax) return then('overloaded');
    const deadlineAt = this.#host.timers.now + limits.requestDeadlineMs;
    const request: GetRequest = { kind: 'get', ref, level: 'quorum', deadlineAt, explain: false };
    const answer = (result: ClientAnswer) => then(result.kind === 'read' ? 'ok' : 'overloaded');
    this.#begin(this.#next++, request, true, answer, (events) => {
      const settle = new SettleOperation(copy, this.#host, request, events);
      settle.placeOn(ring);
      return settle;
    });
  }

  #answered(slot: number): void {
    const found = this.#slots.get(slot);
    if (found === undefined || !found.waiting) return;
    found.waiting = false;
    this.#waiting--;
    this.#lingering.push(slot);
  }

  #finished(slot: number): void {
    this.#answered(slot);
    this.#slots.take(slot)?.deadline.cancel();
    while (this.#lingering.length > 0 && this.#slots.get(this.#lingering[0]!) === undefined)
      this.#lingering.shift();
  }

  #boundLingering(): void {
    if (this.#slots.size - this.#waiting > this.#options.lingeringMax) this.#expireOldestLingering();
  }

  #expireOldestLingering(): void {
    const oldest = this.#lingering[0];
    if (oldest !== undefined) this.#slots.get(oldest)?.running.expire();
  }
}

function refusal(code: ErrorCode, message: string): ClientAnswer {
  return { kind: 'error', error: { code, outcome: 'failed', message }, explain: null };
}

/** Tells the forwarding node that the rings differ; it tries again once they agree. */
function notReplica(ring: Ring): ClientAnswer {
  const details = { retry: 'ring', ringEpoch: ring.epoch };
  const message = 'this node is no replica of the key by the ring it holds';
  return { kind: 'error', error: { code: 'not_ready', outcome: 'failed', message, details }, explain: null };
}
