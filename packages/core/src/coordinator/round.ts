import type { NodeId } from '../base/ids.ts';
import type { Timer } from '../base/timers.ts';
import type { PeerMessage, ReplicaResult } from '../node/messages.ts';
import type { ReplicaSet } from '../ring/ring.ts';
import type { Numbered } from './call-table.ts';
import type { ExplainTrace, TraceStep } from './explain-trace.ts';
import type { CoordinatorHost, Refusal } from './host.ts';
import { type NodeBits, Quorum } from './quorum.ts';
import type { ExplainStep, Level } from './request.ts';

/** Pause before asking again a replica that is still fetching the ring, in ms: a fetch takes one round trip. */
const epochRetryMs = 20;

export type RoundReply = Numbered & { readonly result: ReplicaResult; readonly epoch: number };

export interface RoundOptions<Reply extends RoundReply> {
  readonly phase: ExplainStep['phase'];
  readonly set: ReplicaSet;
  readonly level: Level;
  readonly kind: Reply['kind'];
  /** Ask as few replicas as can complete the quorum and keep the rest in reserve; else ask all at once. */
  readonly sparing: boolean;
  /** Replicas that need not be asked because they are known to agree already. */
  readonly agreed?: readonly NodeId[];
  build(rpc: number, node: NodeId): PeerMessage;
  /** Asks the replica on this node. */
  askLocal(then: (answer: Omit<Reply, 'rpc' | 'epoch'> | Refusal) => void): void;
  /** One replica did it. Called before `done` for the same answer, and still after `done` for late answers. */
  answered(node: NodeId, reply: Omit<Reply, 'rpc' | 'epoch'>): void;
  /** One replica refused, for another reason than its ring. */
  refused?(reply: Reply): void;
  /** The quorum is complete. Called once. */
  done(): void;
  /** So many replicas refused that the quorum cannot be complete. Called at most once, never after `done`. */
  impossible(): void;
  /** Every replica has answered or refused. Called once, after `done` or `impossible` if those come. */
  exhausted(): void;
}

/**
 * One question put to the replicas of a key under one ring epoch, and the count of their answers. A replica that
 * speaks of another epoch is asked again once the two agree; when our own ring changes the operation closes the
 * round and starts it anew, since a quorum of mixed epochs proves nothing.
 */
export class Round<Reply extends RoundReply> {
  readonly quorum: Quorum;
  readonly #host: CoordinatorHost;
  readonly #trace: ExplainTrace;
  readonly #options: RoundOptions<Reply>;
  /** Replicas in the order in which they are asked. */
  readonly #order: readonly NodeId[];
  /** Asked, and no answer yet. */
  #open: NodeBits = 0;
  /** Not asked unless another refuses or is slow. */
  #reserve: NodeBits = 0;
  /** Call numbers of what is open. */
  readonly #rpcs: number[] = [];
  #retries: Timer[] | null = null;
  #closed = false;
  #settled = false;
  #exhausted = false;

  constructor(host: CoordinatorHost, trace: ExplainTrace, options: RoundOptions<Reply>) {
    this.#host = host;
    this.#trace = trace;
    this.#options = options;
    this.quorum = new Quorum(options.set, options.level);
    for (const node of options.agreed ?? []) this.quorum.ack(node);
    this.#order = this.#inOrder();
  }

  start(): void {
    const { quorum } = this;
    if (quorum.satisfied) {
      this.#settled = true;
      this.#options.done();
    }
    const first = this.#chooseFirst();
    for (const node of this.#order)
      if ((first & quorum.bitOf(node)) !== 0) this.#ask(node, this.#options.phase);
    this.#check();
  }

  /** Asks one more replica because those asked are slow; false if there is none left. */
  askMore(): boolean {
    const node = this.#order.find((candidate) => this.#isReserve(candidate) && this.#isReachable(candidate));
    if (node === undefined) return false;
    this.#askReserve(node, 'hedge');
    return true;
  }

  /** The time within which the slowest of the replicas asked usually answers, in ms. */
  get usualMs(): number {
    let slowest = 0;
    for (const node of this.#order) {
      if (node === this.#host.self || (this.#open & this.quorum.bitOf(node)) === 0) continue;
      slowest = Math.max(slowest, this.#host.latency.p95(node));
    }
    return slowest;
  }

  /** Replicas that have not done it, asked or not. */
  get missing(): readonly NodeId[] {
    return this.quorum.missing;
  }

  /** No answer interests any more. */
  close(): void {
    this.#closed = true;
    for (const rpc of this.#rpcs) this.#host.calls.close(rpc);
    for (const timer of this.#retries ?? []) timer.cancel();
    this.#open = 0;
  }

  /** This node first (its answer costs no round trip), then by how fast they have been of late. */
  #inOrder(): NodeId[] {
    const { quorum } = this;
    const { self, latency } = this.#host;
    const cost = (node: NodeId) => (node === self ? -1 : latency.p95(node));
    const order: NodeId[] = [];
    for (const node of quorum.nodes) {
      if (quorum.hasAcked(node)) continue;
      let at = order.length;
      for (; at > 0 && cost(order[at - 1]!) > cost(node); at--) order[at] = order[at - 1]!;
      order[at] = node;
    }
    return order;
  }

  /** Whom to ask at once. The others are kept in reserve when sparing, else given up. */
  #chooseFirst(): NodeBits {
    const { quorum } = this;
    const usable = this.#usable();
    let first = 0;
    for (const node of this.#order) {
      const bit = quorum.bitOf(node);
      const enough = this.#options.sparing && quorum.wouldSatisfy(first);
      if (!enough && (usable & bit) !== 0) first |= bit;
      else if (this.#options.sparing) this.#reserve |= bit;
      else this.#giveUp(node);
    }
    return first;
  }

  /** Gossip may be behind: when the quorum is out of reach without them, nodes held for dead are asked after all. */
  #usable(): NodeBits {
    const { quorum } = this;
    let up = 0;
    for (const node of this.#order) if (this.#isReachable(node)) up |= quorum.bitOf(node);
    return quorum.wouldSatisfy(up) ? up : quorum.bitsOf(this.#order);
  }

  #isReachable(node: NodeId): boolean {
    return node === this.#host.self || this.#host.isReachable(node);
  }

  #isReserve(node: NodeId): boolean {
    return (this.#reserve & this.quorum.bitOf(node)) !== 0;
  }

  #giveUp(node: NodeId): void {
    this.quorum.refuse(node);
    this.#trace.asked(node, this.#options.phase, this.#host.timers.now).result = 'down';
  }

  #askReserve(node: NodeId, phase: ExplainStep['phase']): void {
    this.#reserve &= ~this.quorum.bitOf(node);
    this.#ask(node, phase);
  }

  #ask(node: NodeId, phase: ExplainStep['phase']): void {
    const step = this.#trace.asked(node, phase, this.#host.timers.now);
    this.#open |= this.quorum.bitOf(node);
    if (node === this.#host.self) this.#askLocal(node, step);
    else this.#askPeer(node, step);
  }

  #askLocal(node: NodeId, step: TraceStep): void {
    this.#options.askLocal((answer) => {
      if (this.#closed) return;
      this.#open &= ~this.quorum.bitOf(node);
      if (typeof answer === 'string') this.#refused(node, step, answer);
      else this.#accepted(node, step, answer);
    });
  }

  #askPeer(node: NodeId, step: TraceStep): void {
    const { calls, latency, timers } = this.#host;
    const sentAt = timers.now;
    const rpc = calls.call(
      node,
      (id) => this.#options.build(id, node),
      (reply) => {
        if (this.#closed) return;
        this.#open &= ~this.quorum.bitOf(node);
        if (reply === null) return this.#refused(node, step, 'disconnected');
        latency.note(node, timers.now - sentAt);
        this.#replied(node, step, reply);
      },
    );
    this.#rpcs.push(rpc);
  }

  #replied(node: NodeId, step: TraceStep, reply: Numbered): void {
    if (reply.kind !== this.#options.kind) return this.#refused(node, step, 'protocol');
    const typed = reply as Reply;
    if (typed.result === 'ok') return this.#accepted(node, step, typed);
    if (typed.result === 'staleEpoch') this.#host.heardEpoch(node, typed.epoch);
    if (typed.result === 'staleEpoch' || typed.result === 'unknownEpoch')
      return this.#askAgain(node, step, typed.result);
    this.#options.refused?.(typed);
    // Whoever heard of the refusal may have had enough of this round.
    if (!this.#closed) this.#refused(node, step, typed.result);
  }

  /** Not a refusal: one of the two rings is about to be replaced. The deadline bounds how often this repeats. */
  #askAgain(node: NodeId, step: TraceStep, result: string): void {
    step.result = result;
    this.#open |= this.quorum.bitOf(node);
    this.#retries ??= [];
    this.#retries.push(
      this.#host.timers.after(epochRetryMs, () => {
        if (!this.#closed) this.#ask(node, this.#options.phase);
      }),
    );
  }

  #accepted(node: NodeId, step: TraceStep, reply: Omit<Reply, 'rpc' | 'epoch'>): void {
    step.answeredUs = this.#trace.elapsedUs(this.#host.timers.now);
    step.result = 'ok';
    this.#options.answered(node, reply);
    if (this.quorum.ack(node) && !this.#settled) {
      step.closedQuorum = true;
      this.#settled = true;
      this.#options.done();
    }
    this.#check();
  }

  #refused(node: NodeId, step: TraceStep, why: string): void {
    step.answeredUs = this.#trace.elapsedUs(this.#host.timers.now);
    step.result = why;
    this.quorum.refuse(node);
    const next = this.#settled ? undefined : this.#order.find((candidate) => this.#isReserve(candidate));
    if (next !== undefined) this.#askReserve(next, this.#options.phase);
    this.#check();
  }

  #check(): void {
    if (this.#closed) return;
    if (!this.#settled && !this.quorum.possible) {
      this.#settled = true;
      this.#options.impossible();
    }
    if (!this.#closed && !this.#exhausted && this.#settled && this.#open === 0) {
      this.#exhausted = true;
      this.#options.exhausted();
    }
  }
}
