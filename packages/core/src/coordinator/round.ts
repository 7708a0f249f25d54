import type { NodeId } from '../base/ids.ts';
import type { Timer } from '../base/timers.ts';
import type { PeerMessage, ReplicaResult } from '../node/messages.ts';
import type { ReplicaSet } from '../ring/ring.ts';
import type { Numbered } from './call-table.ts';
import type { ExplainTrace, TraceStep } from './explain-trace.ts';
import type { CoordinatorHost, Refusal } from './host.ts';
import { allReplicas, Quorum } from './quorum.ts';
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
  readonly #open = new Map<NodeId, number>();
  readonly #retries: Timer[] = [];
  #reserve: NodeId[] = [];
  #closed = false;
  #settled = false;
  #exhausted = false;

  constructor(host: CoordinatorHost, trace: ExplainTrace, options: RoundOptions<Reply>) {
    this.#host = host;
    this.#trace = trace;
    this.#options = options;
    this.quorum = new Quorum(options.set, options.level);
  }

  start(): void {
    const { agreed = [], sparing } = this.#options;
    for (const node of agreed) this.quorum.ack(node);
    const waiting = this.#inOrder().filter((node) => !agreed.includes(node));
    if (this.quorum.satisfied) {
      this.#settled = true;
      this.#options.done();
    }
    const first = sparing ? this.#fewest(waiting) : this.#reachable(waiting);
    this.#reserve = waiting.filter((node) => !first.includes(node));
    if (!sparing) this.#refuseReserve();
    for (const node of first) this.#ask(node, this.#options.phase);
    this.#check();
  }

  /** Asks one more replica because those asked are slow; false if there is none left. */
  askMore(): boolean {
    const node = this.#reserve.find((candidate) => this.#host.isReachable(candidate));
    if (node === undefined) return false;
    this.#reserve.splice(this.#reserve.indexOf(node), 1);
    this.#ask(node, 'hedge');
    return true;
  }

  get asked(): readonly NodeId[] {
    return [...this.#open.keys()];
  }

  /** Replicas that have not done it, asked or not. */
  get missing(): NodeId[] {
    return allReplicas(this.#options.set).filter((node) => !this.quorum.acks.includes(node));
  }

  /** No answer interests any more. */
  close(): void {
    this.#closed = true;
    for (const rpc of this.#open.values()) this.#host.calls.close(rpc);
    for (const timer of this.#retries) timer.cancel();
    this.#open.clear();
  }

  /** This node first (its answer costs no round trip), then by how fast they have been of late. */
  #inOrder(): NodeId[] {
    const { self, latency } = this.#host;
    const cost = (node: NodeId) => (node === self ? -1 : latency.p95(node));
    return [...allReplicas(this.#options.set)].sort((a, b) => cost(a) - cost(b));
  }

  #reachable(nodes: readonly NodeId[]): NodeId[] {
    const up = nodes.filter((node) => node === this.#host.self || this.#host.isReachable(node));
    // Gossip may be behind: when the quorum is out of reach without them, nodes held for dead are asked after all.
    return this.quorum.wouldSatisfy((node) => up.includes(node)) ? up : [...nodes];
  }

  #fewest(nodes: readonly NodeId[]): NodeId[] {
    const chosen: NodeId[] = [];
    for (const node of this.#reachable(nodes)) {
      if (this.quorum.wouldSatisfy((candidate) => chosen.includes(candidate))) break;
      chosen.push(node);
    }
    return chosen;
  }

  #refuseReserve(): void {
    for (const node of this.#reserve) {
      this.quorum.refuse(node);
      this.#trace.asked(node, this.#options.phase, this.#host.timers.now).result = 'down';
    }
    this.#reserve = [];
  }

  #ask(node: NodeId, phase: ExplainStep['phase']): void {
    const { host, options } = { host: this.#host, options: this.#options };
    const step = this.#trace.asked(node, phase, host.timers.now);
    this.#open.set(node, 0);
    if (node === host.self) {
      options.askLocal((answer) => {
        if (this.#closed) return;
        this.#open.delete(node);
        if (typeof answer === 'string') this.#refused(node, step, answer);
        else this.#accepted(node, step, answer);
      });
      return;
    }
    const sentAt = host.timers.now;
    const rpc = host.calls.call(
      node,
      (id) => options.build(id, node),
      (reply) => {
        if (this.#closed) return;
        this.#open.delete(node);
        if (reply === null) return this.#refused(node, step, 'disconnected');
        host.latency.note(node, host.timers.now - sentAt);
        this.#replied(node, step, reply);
      },
    );
    if (this.#open.has(node)) this.#open.set(node, rpc);
  }

  #replied(node: NodeId, step: TraceStep, reply: Numbered): void {
    if (reply.kind !== this.#options.kind) return this.#refused(node, step, 'protocol');
    const typed = reply as Reply;
    if (typed.result === 'ok') return this.#accepted(node, step, typed);
    if (typed.result === 'staleEpoch') this.#host.heardEpoch(node, typed.epoch);
    if (typed.result === 'staleEpoch' || typed.result === 'unknownEpoch')
      return this.#askAgain(node, step, typed.result);
    this.#refused(node, step, typed.result);
  }

  /** Not a refusal: one of the two rings is about to be replaced. The deadline bounds how often this repeats. */
  #askAgain(node: NodeId, step: TraceStep, result: string): void {
    step.result = result;
    this.#open.set(node, 0);
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
    if (!this.#settled && this.#reserve.length > 0) {
      const next = this.#reserve.shift();
      if (next !== undefined) this.#ask(next, this.#options.phase);
    }
    this.#check();
  }

  #check(): void {
    if (this.#closed) return;
    if (!this.#settled && !this.quorum.possible) {
      this.#settled = true;
      this.#options.impossible();
    }
    if (!this.#closed && !this.#exhausted && this.#settled && this.#open.size === 0) {
      this.#exhausted = true;
      this.#options.exhausted();
    }
  }
}
