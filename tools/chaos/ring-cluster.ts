import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { type OperationId, type OutputOf, operationOf } from '@starling/api-types';
import { startNode, stopNode } from '../cluster/node-process.ts';

/** An answer of some node: its status and its body. */
export interface Told {
  readonly status: number;
  readonly body: unknown;
}

const askMs = 8000;
const lookMs = 100;

/** Nodes of this machine that come and go. Node n is `node-n` and listens on the first port plus n − 1. */
export class RingCluster {
  readonly #directory: string;
  readonly #firstPort: number;
  readonly #processes = new Map<number, ChildProcess>();

  constructor(directory: string, firstPort: number) {
    this.#directory = directory;
    this.#firstPort = firstPort;
  }

  get running(): number[] {
    return [...this.#processes.keys()];
  }

  url(node: number): string {
    return `http://127.0.0.1:${this.#firstPort + node - 1}`;
  }

  start(node: number, flags: readonly string[] = []): void {
    const port = this.#firstPort + node - 1;
    const seed = this.running.find((other) => other !== node);
    const seedPort = seed === undefined ? null : this.#firstPort + seed - 1;
    this.#processes.set(node, startNode(node, port, join(this.#directory, `node-${node}`), seedPort, flags));
  }

  /** As by `kill -9`. */
  async kill(node: number): Promise<void> {
    const process = this.#processes.get(node);
    this.#processes.delete(node);
    if (process !== undefined) await stopNode(process, 'SIGKILL');
  }

  async close(): Promise<void> {
    await Promise.all(this.running.map((node) => this.kill(node)));
  }

  /** Asks one node; rejects if it does not answer. */
  async askOf(node: number, method: 'GET' | 'POST', path: string, body?: unknown): Promise<Told> {
    const response = await fetch(`${this.url(node)}${path}`, {
      method,
      signal: AbortSignal.timeout(askMs),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  /** Asks one running node after the other, until one says yes. */
  async ask<Id extends OperationId>(
    id: Id,
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<OutputOf<Id>> {
    let last = 'nobody was asked';
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
      for (const node of this.running) {
        try {
          const told = await this.askOf(node, method, path, body);
          if (told.status === 200) return outputIn(id, told.body);
          last = JSON.stringify(told.body);
        } catch (cause) {
          last = String(cause);
        }
      }
      await pause(lookMs);
    }
    throw new Error(`nobody would do ${id}: ${last}`);
  }
}

/** A body held to its operation's contract; throws if it is another. */
export function outputIn<Id extends OperationId>(id: Id, body: unknown): OutputOf<Id> {
  return operationOf(id).output.parse(body) as OutputOf<Id>; // That very schema judged it.
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for a condition, asked again and again; one that throws does not hold yet. */
export async function until(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  let last: unknown = 'it does not hold';
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await pause(lookMs)) {
    try {
      if (await holds()) return;
    } catch (cause) {
      last = cause;
    }
  }
  throw new Error(`waited ${withinMs / 1000} s in vain until ${what}: ${String(last)}`);
}
