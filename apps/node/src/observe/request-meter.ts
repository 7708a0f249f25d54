import type { ClientAnswer, ClientRequest, LatencyStats } from '@starling/core';
import { Counter, Histogram, type Registry } from 'prom-client';
import { LatencyWindow, windowSeconds } from './latency-window.ts';

type Kind = ClientRequest['kind'];

/** Upper ends of the latency buckets, in seconds: dense where targets lie, up to the default deadline. */
const bucketsSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3];

/**
 * Latency and outcome of every client request of this node, for its figures and for Prometheus. Labels are kinds and
 * codes of closed sets, so their number does not grow with the data.
 */
export class RequestMeter {
  readonly #reads = new LatencyWindow();
  readonly #writes = new LatencyWindow();
  readonly #errors = new Array<number>(windowSeconds).fill(0);
  #second = 0;
  readonly #seconds: Readonly<Record<Kind, { observe(value: number): void }>>;
  readonly #answers: Counter<'kind' | 'result'>;
  /** Answers since the last second, moved to the counter then: a labelled counter is too slow for every request. */
  readonly #pending = new Map<string, number>();

  constructor(registry: Registry) {
    const seconds = new Histogram({
      name: 'starling_request_seconds',
      help: 'Time from receiving a request to its answer',
      labelNames: ['kind'] as const,
      buckets: bucketsSeconds,
      registers: [registry],
    });
    this.#seconds = {
      put: seconds.labels('put'),
      delete: seconds.labels('delete'),
      get: seconds.labels('get'),
      list: seconds.labels('list'),
    };
    this.#answers = new Counter({
      name: 'starling_requests_total',
      help: 'Requests answered, by kind and result: ok, not_found, or an error code',
      labelNames: ['kind', 'result'] as const,
      registers: [registry],
      collect: () => this.#flush(),
    });
  }

  record(kind: Kind, answer: ClientAnswer, ms: number): void {
    if (kind === 'put' || kind === 'delete') this.#writes.record(ms);
    else this.#reads.record(ms);
    this.#seconds[kind].observe(ms / 1000);
    const result = resultOf(answer);
    if (answer.kind === 'error') this.#errors[this.#second]!++;
    const label = `${kind} ${result}`;
    this.#pending.set(label, (this.#pending.get(label) ?? 0) + 1);
  }

  reads(): LatencyStats {
    return this.#reads.stats();
  }

  writes(): LatencyStats {
    return this.#writes.stats();
  }

  /** Requests answered with an error, per second over the window. */
  errorsPerSecond(): number {
    return this.#errors.reduce((a, b) => a + b, 0) / windowSeconds;
  }

  /** Called once a second. */
  advance(): void {
    this.#reads.advance();
    this.#writes.advance();
    this.#second = (this.#second + 1) % windowSeconds;
    this.#errors[this.#second] = 0;
  }

  #flush(): void {
    for (const [label, count] of this.#pending) {
      const [kind = '', result = ''] = label.split(' ');
      this.#answers.inc({ kind, result }, count);
    }
    this.#pending.clear();
  }
}

function resultOf(answer: ClientAnswer): string {
  if (answer.kind === 'error') return answer.error.code;
  return answer.kind === 'read' && answer.winner === null ? 'not_found' : 'ok';
}
