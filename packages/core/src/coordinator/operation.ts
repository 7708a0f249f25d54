import type { ErrorCode, Outcome } from '../base/errors.ts';
import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { Timer } from '../base/timers.ts';
import type { Dot, StoredRecord } from '../causality/record.ts';
import type { ReplicaSet, Ring } from '../ring/ring.ts';
import { ExplainTrace } from './explain-trace.ts';
import type { CoordinatorHost } from './host.ts';
import type { Quorum } from './quorum.ts';
import type { ClientAnswer, DeleteRequest, Explain, GetRequest, PutRequest } from './request.ts';

/** Bounds of the wait before one more replica is asked, in ms: never at once, never later than a person notices. */
const hedgeMsMin = 2;
const hedgeMsMax = 500;

export type KeyRequest = PutRequest | DeleteRequest | GetRequest;

/** How one running request is seen by the coordinator's table. */
export interface Running {
  start(): void;
  /** False if the request cannot go on here under this ring: it has done nothing yet, and never will. */
  ringChanged(ring: Ring): boolean;
  /** The deadline has passed: answer if that is still owed, and finish. */
  expire(): void;
  /** The client went away. */
  abandon(): void;
}

/** What a running request tells the table. */
export interface RunningEvents {
  /** The client's answer. Called at most once. */
  answer(answer: ClientAnswer): void;
  /** Nothing is left to do. Called once. */
  finished(): void;
}

/** A plain write that exists, and that a replica refused because it had made a promise for the key. */
export interface RefusedWrite {
  readonly dot: Dot;
  /** This node's record with the write in it. */
  readonly record: StoredRecord;
}

/** Goes on with a write of a key for which promises were made; `answered`: its client does not wait any more. */
export type HandOver = (write: Running, refused: RefusedWrite | null, answered: boolean) => void;

/** What reads and writes of one key have in common: placement, trace, the one answer. */
export abstract class Operation<Request extends KeyRequest> implements Running {
  protected readonly trace: ExplainTrace;
  protected epoch: RingEpoch = 0;
  protected set: ReplicaSet = { current: [], pending: null };
  #answered = false;
  #hedge: Timer | null = null;
  #finished = false;

  constructor(
    protected readonly host: CoordinatorHost,
    protected readonly request: Request,
    private readonly events: RunningEvents,
  ) {
    this.trace = new ExplainTrace(host.timers.now);
  }

  protected get answered(): boolean {
    return this.#answered;
  }

  protected get finished(): boolean {
    return this.#finished;
  }

  abstract start(): void;
  abstract expire(): void;
  /** Begin the present round again under the placement just taken. */
  protected abstract restart(): void;

  ringChanged(ring: Ring): boolean {
    if (this.#finished) return true;
    this.place(ring);
    if (this.movable && !this.set.current.includes(this.host.self)) {
      this.#leave();
      return false;
    }
    this.restart();
    return true;
  }

  #leave(): void {
    this.#finished = true;
    this.cancelHedge();
    this.dropRounds();
  }

  /** Another operation goes on with the request; this one does nothing more. */
  protected handOver(to: (answered: boolean) => void): void {
    if (this.#finished) return;
    this.#leave();
    to(this.#answered);
  }

  /** Whether another node must take the request over should this one cease to be a replica of the key. */
  protected abstract get movable(): boolean;

  /** Nobody listens to the open rounds any more. */
  protected abstract dropRounds(): void;

  abandon(): void {
    this.#answered = true;
  }

  /** Whether this node holds the key now: only such a node mints dots for it. */
  protected get isReplica(): boolean {
    return this.set.current.includes(this.host.self);
  }

  /** The key's replicas by the ring in force, and that ring's epoch. */
  get placement(): { readonly set: ReplicaSet; readonly epoch: RingEpoch } {
    return { set: this.set, epoch: this.epoch };
  }

  /** Takes the key's placement from `ring`. Called before `start`. */
  placeOn(ring: Ring): void {
    this.place(ring);
  }

  private place(ring: Ring): void {
    this.epoch = ring.epoch;
    this.set = ring.replicasOf(this.request.ref.bucket);
  }

  /** Answers the client, once; later calls are ignored. */
  protected reply(answer: ClientAnswer): void {
    if (this.#answered) return;
    this.#answered = true;
    this.events.answer(answer);
  }

  /** Leaves the coordinator's table. */
  protected finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#hedge?.cancel();
    this.#answered = true;
    this.events.finished();
  }

  /** Calls `run` if the replicas asked have not answered within their usual time. */
  protected hedgeAfter(usualMs: number, run: () => void): void {
    this.#hedge?.cancel();
    this.#hedge = this.host.timers.after(Math.min(hedgeMsMax, Math.max(hedgeMsMin, usualMs)), run);
  }

  protected cancelHedge(): void {
    this.#hedge?.cancel();
    this.#hedge = null;
  }

  protected fail(
    code: ErrorCode,
    outcome: Outcome,
    message: string,
    details?: Readonly<Record<string, unknown>>,
  ): void {
    const error = details === undefined ? { code, outcome, message } : { code, outcome, message, details };
    this.reply({ kind: 'error', error, explain: this.explain(0) });
  }

  /** Too few replicas: says what was needed and what each of them said. */
  protected failQuorum(quorum: Quorum, phase: string, outcome: Outcome): void {
    const answered = quorum.acks.length;
    const total = this.set.current.length;
    this.fail(
      'quorum_unavailable',
      outcome,
      `${quorum.needed} of ${total} replicas were needed, ${answered} answered`,
      {
        phase,
        needed: quorum.needed,
        answered,
        replicas: this.trace.verdicts(),
        ringEpoch: this.epoch,
      },
    );
  }

  protected explain(needed: number): Explain | null {
    if (!this.request.explain) return null;
    return {
      coordinator: this.host.self,
      forwardedBy: null,
      ringEpoch: this.epoch,
      bucket: this.request.ref.bucket,
      replicas: this.set.current,
      pending: this.set.pending ?? [],
      needed,
      steps: this.trace.steps,
      totalUs: this.trace.elapsedUs(this.host.timers.now),
    };
  }

  /** Other replicas that hold data now or will, this node left out. */
  protected others(nodes: readonly NodeId[]): NodeId[] {
    return nodes.filter((node) => node !== this.host.self);
  }
}
