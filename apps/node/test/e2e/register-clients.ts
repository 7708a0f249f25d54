import { absent, type Operation, open } from '@starling/testing/linearizability/history.ts';
import type { Prng } from '@starling/testing/sim/prng.ts';
import { type Answer, errorIn, keyPath, valueIn } from './http-call.ts';
import type { TestCluster } from './test-cluster.ts';

/** Operations on one key before the clients go on to fresh keys: a checker's work grows steeply with a history's length. */
const operationsPerKey = 150;
const keysAtATime = 3;
/** Pause of a client after a request without a sure outcome, in ms: else histories fill with unknowns. */
const pauseMs = 100;

type Kind = Operation['kind'];

/** Clients that use registers through any node and note what they did and saw, for the checker. */
export class RegisterClients {
  readonly histories = new Map<string, Operation[]>();
  acknowledged = 0;
  unknown = 0;
  readonly #cluster: TestCluster;
  readonly #random: Prng;
  readonly #clients: Promise<void>[];
  #nextId = 1;
  #stopped = false;

  constructor(cluster: TestCluster, random: Prng, clients: number) {
    this.#cluster = cluster;
    this.#random = random;
    this.#clients = Array.from({ length: clients }, (_, i) => this.#run(`client-${i}`));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #run(process: string): Promise<void> {
    while (!this.#stopped) {
      const roll = this.#random.fraction();
      const sure = await this.#operate(
        process,
        this.#key(),
        roll < 0.45 ? 'put' : roll < 0.5 ? 'delete' : 'get',
      );
      if (!sure) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #key(): string {
    const generation = Math.floor(this.#nextId / (operationsPerKey * keysAtATime));
    return `register-${generation}-${this.#random.below(keysAtATime)}`;
  }

  /** One operation; answers whether its outcome is known. */
  async #operate(process: string, key: string, kind: Kind): Promise<boolean> {
    const id = this.#nextId++;
    const calledAt = performance.now();
    const answer = await this.#ask(kind, key, id);
    const returnedAt = performance.now();
    const seen = answer === null ? 'unknown' : outcomeOf(kind, id, answer);
    if (seen === 'failed') return true;
    const history = this.histories.get(key) ?? [];
    this.histories.set(key, history);
    if (seen === 'unknown') {
      this.unknown++;
      history.push({ id, process, kind, value: kind === 'put' ? id : absent, calledAt, returnedAt: open });
      return false;
    }
    this.acknowledged++;
    history.push({ id, process, kind, value: seen, calledAt, returnedAt });
    return true;
  }

  /** Null when no whole answer came. */
  async #ask(kind: Kind, key: string, id: number): Promise<Answer | null> {
    const node = this.#cluster.nodes[this.#random.below(this.#cluster.nodes.length)]!;
    const method = kind === 'put' ? 'PUT' : kind === 'get' ? 'GET' : 'DELETE';
    const body = kind === 'put' ? { value: id } : undefined;
    return this.#cluster.call(node, method, keyPath(key), body).catch(() => null);
  }
}

/** The value written or seen, or what else became of the operation. A write's own number is its value. */
function outcomeOf(kind: Kind, id: number, answer: Answer): number | 'failed' | 'unknown' {
  if (answer.status === 200)
    return kind === 'put' ? id : kind === 'delete' ? absent : Number(valueIn(answer));
  if (answer.status === 404 && kind === 'get') return absent;
  return errorIn(answer).outcome === 'failed' ? 'failed' : 'unknown';
}
