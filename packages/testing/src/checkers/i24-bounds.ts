import type { ClientAnswer } from '@starling/core/coordinator/request.ts';
import type { Input } from '@starling/core/node/input.ts';
import { defaultTuning, type Tuning } from '@starling/core/node/options.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/** An answer may come this much after its deadline, in virtual ms: clocks drift by 1 % and ticks are whole. */
const lateMs = 100;

interface OpenRequest {
  readonly dueAt: number;
  readonly pauses: number;
}

/**
 * I24: bounded. Requests in flight and hints stay within their bounds at every look, and every request is answered by
 * its deadline while its process runs, overloaded or not. Observes the machine's own counts, requests and replies.
 */
export class Bounds implements Checker {
  readonly id = 'I24';
  readonly #context: CheckContext;
  readonly #open: Map<number, OpenRequest>[] = [];
  readonly #tuning: Tuning[] = [];
  /** How often each process has been paused: a paused one owes nothing in time. */
  readonly #pauses: number[] = [];
  readonly #wasPaused: boolean[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  booted(process: SimProcess): void {
    this.#open[process.index] = new Map();
    this.#tuning[process.index] = { ...defaultTuning, ...process.options.tuning };
  }

  died(process: SimProcess): void {
    this.#open[process.index]?.clear();
  }

  input(process: SimProcess, input: Input): void {
    if (input.type === 'abandoned') this.#open[process.index]!.delete(input.id);
    if (input.type !== 'request') return;
    const { world } = this.#context;
    const dueAt = process.clock.virtualAt(input.request.deadlineAt) + lateMs;
    this.#open[process.index]!.set(input.id, {
      dueAt: Math.max(dueAt, world.now + lateMs),
      pauses: this.#pauses[process.index] ?? 0,
    });
  }

  replied(process: SimProcess, id: number, _answer: ClientAnswer): void {
    this.#open[process.index]!.delete(id);
  }

  poll(): void {
    const { world } = this.#context;
    for (const process of world.processes) {
      const { index, paused } = process;
      if (paused && !this.#wasPaused[index]) this.#pauses[index] = (this.#pauses[index] ?? 0) + 1;
      this.#wasPaused[index] = paused;
      if (process.machine === null || paused) continue;
      this.#checkCounts(process);
      this.#checkDeadlines(process, world.now);
    }
  }

  #checkCounts(process: SimProcess): void {
    const { requestsInFlightMax, hintsPerTargetMax } = this.#tuning[process.index]!;
    const { requestsInFlight } = process.machine!.counts();
    ensure(
      this.id,
      requestsInFlight <= requestsInFlightMax,
      () => `${process.nodeId} has ${requestsInFlight} requests in flight, over ${requestsInFlightMax}`,
    );
    for (const { target, pending } of process.machine!.hints()) {
      ensure(
        this.id,
        pending <= hintsPerTargetMax,
        () => `${process.nodeId} keeps ${pending} hints for ${target}, over ${hintsPerTargetMax}`,
      );
    }
  }

  #checkDeadlines(process: SimProcess, now: number): void {
    for (const [id, { dueAt, pauses }] of this.#open[process.index]!) {
      if (pauses !== (this.#pauses[process.index] ?? 0)) this.#open[process.index]!.delete(id);
      else
        ensure(
          this.id,
          now <= dueAt,
          () => `${process.nodeId} has not answered request ${id} by its deadline`,
        );
    }
  }
}
