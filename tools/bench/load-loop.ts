import { performance } from 'node:perf_hooks';
import { build, type Histogram } from 'hdr-histogram-js';
import { type Cell, readShare } from './cell.ts';
import { type Endpoint, HttpConnection } from './http-connection.ts';
import { keyChooser } from './key-chooser.ts';
import { getRequest, putBody, putRequest } from './requests.ts';

/** What one generator measured between the end of its warm-up and its end. Latencies in microseconds. */
export interface Measured {
  readonly reads: Histogram;
  readonly writes: Histogram;
  /** Answers other than 200 by status; 0 stands for a broken connection. */
  readonly errors: Record<string, number>;
  readonly elapsedMs: number;
}

/** Longest latency that is told apart: a minute. */
const latencyUsMax = 60_000_000;

/** How often an open loop looks for requests that are due, in ms: the timers of the platform are no finer. */
const openLoopTickMs = 1;

export function latencyHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: latencyUsMax,
    numberOfSignificantValueDigits: 3,
  });
}

/**
 * Drives one cell over its connections. In a closed loop each connection asks again as soon as it is answered. In an
 * open loop requests become due at a constant rate and latency counts from when a request was due, not from when a
 * connection was free to send it, so a slow server cannot hide by slowing its callers ("coordinated omission", Gil Tene).
 */
export class LoadLoop {
  readonly #cell: Cell;
  readonly #idle: HttpConnection[] = [];
  readonly #connections: HttpConnection[];
  readonly #chooseKey: () => number;
  readonly #host: string;
  readonly #body: string;
  readonly #measured: { reads: Histogram; writes: Histogram; errors: Record<string, number> };
  #measuring = false;
  #stopped = false;
  /** Requests that became due so far, in an open loop. */
  #issued = 0;
  #startedMs = 0;
  completed = 0;

  constructor(cell: Cell, endpoints: readonly Endpoint[]) {
    this.#cell = cell;
    this.#host = `${endpoints[0]!.host}:${endpoints[0]!.port}`;
    this.#body = putBody(cell.valueBytes);
    this.#chooseKey = keyChooser(cell.distribution, cell.keys, Math.random);
    this.#measured = { reads: latencyHistogram(), writes: latencyHistogram(), errors: {} };
    this.#connections = Array.from(
      { length: cell.connections },
      (_, i) => new HttpConnection(endpoints[i % endpoints.length]!),
    );
  }

  async run(): Promise<Measured> {
    this.#startedMs = performance.now();
    const tick = this.#start();
    await wait(this.#cell.warmupSeconds * 1000);
    this.#measuring = true;
    const fromMs = performance.now();
    await wait(this.#cell.seconds * 1000);
    this.#stopped = true;
    const elapsedMs = performance.now() - fromMs;
    clearInterval(tick);
    for (const connection of this.#connections) connection.close();
    return { ...this.#measured, elapsedMs };
  }

  #start(): NodeJS.Timeout | undefined {
    if (this.#cell.ratePerSecond === null) {
      for (const connection of this.#connections) this.#issue(connection, performance.now());
      return undefined;
    }
    this.#idle.push(...this.#connections);
    return setInterval(() => this.#issueDue(), openLoopTickMs);
  }

  /** Open loop: hands every request that is due to an idle connection, for as long as there are both. */
  #issueDue(): void {
    const intervalMs = 1000 / this.#cell.ratePerSecond!;
    const now = performance.now();
    while (this.#idle.length > 0) {
      const dueMs = this.#startedMs + this.#issued * intervalMs;
      if (dueMs > now) return;
      this.#issued++;
      this.#issue(this.#idle.pop()!, dueMs);
    }
  }

  #issue(connection: HttpConnection, sinceMs: number): void {
    const reading = Math.random() < readShare[this.#cell.workload];
    const key = this.#chooseKey();
    const request = reading ? getRequest(this.#host, key) : putRequest(this.#host, key, this.#body);
    connection.send(request, (status) => this.#answered(connection, reading, sinceMs, status));
  }

  #answered(connection: HttpConnection, reading: boolean, sinceMs: number, status: number): void {
    if (this.#stopped) return;
    const now = performance.now();
    if (this.#measuring) this.#record(reading, now - sinceMs, status);
    if (this.#cell.ratePerSecond === null) {
      // A broken connection is tried again a little later, or a dead server would be asked in a tight loop.
      if (status === 0) setTimeout(() => this.#issue(connection, performance.now()), 10);
      else this.#issue(connection, now);
    } else {
      this.#idle.push(connection);
      this.#issueDue();
    }
  }

  #record(reading: boolean, ms: number, status: number): void {
    this.completed++;
    if (status !== 200) {
      this.#measured.errors[status] = (this.#measured.errors[status] ?? 0) + 1;
      return;
    }
    const histogram = reading ? this.#measured.reads : this.#measured.writes;
    histogram.recordValue(Math.min(latencyUsMax, Math.max(1, Math.round(ms * 1000))));
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
