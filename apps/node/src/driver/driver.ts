import type {
  Address,
  ClientAnswer,
  ClientRequest,
  CommandAnswer,
  Finding,
  Inquiry,
  NodeEvent,
  NodeId,
  Ring,
  RingCommand,
} from '@starling/core';
import type { Random } from '@starling/core/base/random.ts';
import type { Input, Now } from '@starling/core/node/input.ts';
import { StarlingNode } from '@starling/core/node/node.ts';
import type { NodeOptions } from '@starling/core/node/options.ts';
import { nodeLimits } from '../limits.ts';
import type { Logger } from '../log.ts';
import type { Caller } from '../service/caller.ts';
import type { MachinePort, NodeInspection } from '../service/machine-port.ts';
import { inspect } from './inspect.ts';
import { type EffectSinks, MachineRun } from './machine-run.ts';
import type { OpenStore } from './machine-store.ts';
import { OpenInquiries } from './open-inquiries.ts';
import { failure, OpenRequests } from './open-requests.ts';

/** What the driver needs of the world around it. */
export interface DriverParts {
  readonly options: NodeOptions;
  readonly openStore: OpenStore;
  readonly sinks: Pick<EffectSinks, 'send' | 'flushSends' | 'packet' | 'event'>;
  readonly random: Random;
  readonly log: Logger;
  readonly now: () => Now;
  readonly onAnswer: (kind: ClientRequest['kind'], answer: ClientAnswer, ms: number) => void;
  /** The machine broke one of its own laws: the process must end, because what it would do next cannot be trusted. */
  readonly onBroken: (cause: unknown) => void;
}

/**
 * Drives the machine. After a storage error the machine is discarded with everything it believed, clients that wait
 * are told what is known, and a new machine is made from what the disk holds ("crash-only", Candea and Fox, HotOS'03):
 * there is one way to come up, and it is exercised at every start.
 */
export class Driver implements MachinePort {
  readonly #parts: DriverParts;
  readonly #open: OpenRequests;
  readonly #inquiries = new OpenInquiries();
  readonly startedAt: number;
  /** Commands that the machine has and has not decided. It decides each by its deadline, unless it is lost. */
  readonly #commands = new Map<number, (answer: CommandAnswer) => void>();
  #nextCommand = 1;
  #run: MachineRun | null = null;
  #stateReason = 'starting';
  #diskLow = false;
  /** The store has more to write than it can: new writes are refused. */
  #pressed = false;
  #failed = false;
  #stopping = false;
  #stopped: () => void = () => {};

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.startedAt = parts.now().wall;
    this.#open = new OpenRequests(parts.onAnswer);
  }

  /** Opens the store and boots the machine; rejects with the store's error if it cannot be opened. */
  async start(): Promise<void> {
    let run: MachineRun | null = null;
    const opened = await this.#parts.openStore({
      written: (seq) => run?.feed({ type: 'written', seq }),
      poisoned: (cause) => this.#poisoned(run, cause),
      pressure: (high) => {
        this.#pressed = high;
      },
      diskLow: (low) => this.#setDiskLow(low),
    });
    this.#pressed = false;
    const { options, random, now } = this.#parts;
    run = new MachineRun({
      machine: new StarlingNode(options, opened.boot, random),
      store: opened.store,
      sinks: this.#sinks(),
      now,
      onBroken: (cause) => this.#broken(cause),
    });
    this.#run = run;
    this.#failed = false;
    run.feed({ type: 'tick' });
    if (this.#diskLow) run.feed({ type: 'diskLow', low: true });
  }

  /** Something happened outside. While there is no machine it is lost, as it would be on a node that is down. */
  feed(input: Input): void {
    this.#run?.feed(input);
  }

  request(request: ClientRequest, caller: Caller): Promise<ClientAnswer> {
    const run = this.#run;
    if (run === null) return Promise.resolve(this.#noMachine());
    if (this.#pressed && request.kind === 'put') return Promise.resolve(tooMuchToWrite);
    return new Promise((resolve) => {
      const id = this.#open.add(request.kind, this.#parts.now().mono, resolve);
      caller.whenGone(() => {
        if (this.#open.abandon(id)) run.feed({ type: 'abandoned', id });
      });
      run.feed({ type: 'request', id, request });
    });
  }

  inquire(inquiry: Inquiry): Promise<Finding | null> {
    const run = this.#run;
    if (run === null) return Promise.resolve(null);
    return new Promise((resolve) => {
      const id = this.#inquiries.add(resolve);
      if (id !== null) run.feed({ type: 'inquiry', id, inquiry });
    });
  }

  command(command: RingCommand, withinMs: number): Promise<CommandAnswer> {
    const run = this.#run;
    if (run === null) return Promise.resolve({ kind: 'undecided' });
    return new Promise((resolve) => {
      const id = this.#nextCommand++;
      this.#commands.set(id, resolve);
      run.feed({ type: 'command', id, command, deadlineAt: this.#parts.now().mono + withinMs });
    });
  }

  rejoin(): void {
    this.#run?.feed({ type: 'rejoin' });
  }

  ring(): Ring | null {
    return this.#run?.machine.ring() ?? null;
  }

  now(): Now {
    return this.#parts.now();
  }

  view(): NodeInspection {
    return inspect(this.#run?.machine ?? null, {
      options: this.#parts.options,
      startedAt: this.startedAt,
      stateReason: this.#stateReason,
      diskLow: this.#diskLow,
      failed: this.#failed,
    });
  }

  /** The cluster this node belongs to; empty while it knows of none. */
  clusterId(): string {
    return this.ring()?.doc.clusterId ?? '';
  }

  get nodeId(): NodeId {
    return this.#parts.options.nodeId;
  }

  get address(): Address {
    return this.#parts.options.address;
  }

  /**
   * Stops in an orderly way: requests in flight finish, peers are told, the store is marked clean. Resolves false if
   * that took longer than `shutdownMs`; the next start then finds an unclean shutdown, which is safe.
   */
  async stop(): Promise<boolean> {
    this.#stopping = true;
    const run = this.#run;
    if (run === null) return false;
    const done = new Promise<boolean>((resolve) => {
      this.#stopped = () => resolve(true);
      setTimeout(() => resolve(false), nodeLimits.shutdownMs).unref();
    });
    run.feed({ type: 'shutdown' });
    const clean = await done;
    run.end();
    this.#run = null;
    this.#inquiries.lose();
    this.#loseCommands();
    this.#open.lose('the node has stopped', this.#parts.now().mono);
    const marked = await run.store.close(clean);
    return clean && marked;
  }

  #sinks(): EffectSinks {
    const { sinks, now } = this.#parts;
    return {
      ...sinks,
      reply: (id, answer) => this.#open.answer(id, answer, now().mono),
      found: (id, finding) => this.#inquiries.found(id, finding),
      commanded: (id, answer) => {
        this.#commands.get(id)?.(answer);
        this.#commands.delete(id);
      },
      event: (event) => this.#event(event),
      stopped: () => this.#stopped(),
    };
  }

  #event(event: NodeEvent): void {
    if (event.type === 'state') this.#stateReason = event.reason;
    this.#parts.sinks.event(event);
  }

  #setDiskLow(low: boolean): void {
    this.#diskLow = low;
    this.#run?.feed({ type: 'diskLow', low });
  }

  #noMachine(): ClientAnswer {
    return failure({
      code: this.#failed ? 'storage_failed' : 'not_ready',
      outcome: 'failed',
      message: this.#failed ? 'the store is being opened again after an error' : 'this node is not ready yet',
    });
  }

  /** Whether the lost machine's commands were granted, a ring will tell. */
  #loseCommands(): void {
    for (const resolve of this.#commands.values()) resolve({ kind: 'undecided' });
    this.#commands.clear();
  }

  #broken(cause: unknown): void {
    this.#run = null;
    this.#inquiries.lose();
    this.#loseCommands();
    this.#open.lose('the node stopped over a broken invariant', this.#parts.now().mono);
    this.#parts.onBroken(cause);
  }

  #poisoned(run: MachineRun | null, cause: Error): void {
    const { log, now } = this.#parts;
    run?.end();
    this.#run = null;
    this.#failed = true;
    this.#stateReason = 'the store is being opened again after an error';
    log.error({ err: cause }, 'the store failed; opening it again');
    this.#inquiries.lose();
    this.#loseCommands();
    this.#open.lose('the store failed; whether the write was stored is not known', now().mono);
    if (this.#stopping) this.#stopped();
    else void this.#reopen(run);
  }

  async #reopen(run: MachineRun | null): Promise<void> {
    const { log } = this.#parts;
    await run?.store.close(false);
    for (let waitMs: number = nodeLimits.reopenMsMin; !this.#stopping; ) {
      try {
        await this.start();
        log.warn('the store is open again');
        return;
      } catch (cause) {
        log.error({ err: cause, waitMs }, 'the store cannot be opened');
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        waitMs = Math.min(2 * waitMs, nodeLimits.reopenMsMax);
      }
    }
  }
}

const tooMuchToWrite = failure({
  code: 'overloaded',
  outcome: 'failed',
  message: 'the disk does not keep up with the writes of this node',
});
