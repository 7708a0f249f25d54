import { Agent, request } from 'node:http';
import {
  type ErrorBody,
  errorResponseSchema,
  type JsonValue,
  type OperationId,
  type OutputOf,
  operationOf,
} from '@starling/api-types';

/** An answer of a node: its body parsed, if it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** Longest wait for an answer, in ms: over the longest deadline that a test asks of a node. */
const answerMs = 10_000;

/**
 * Asks a node. The path is sent as it is: `fetch` would resolve the dots of a key away. Rejects when no whole answer
 * came: then the outcome is unknown.
 */
export class HttpCaller {
  readonly #agent: Agent;

  constructor(connections = 64) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  call(port: number, method: string, path: string, body?: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const asked = request({
        host: '127.0.0.1',
        port,
        method,
        path,
        headers,
        agent: this.#agent,
        timeout: answerMs,
      });
      asked.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parse(chunks) }),
        );
        response.on('error', reject);
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer from ${port} in ${answerMs} ms`)));
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parse(chunks: readonly Buffer[]): unknown {
  const text = Buffer.concat(chunks).toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function keyPath(key: string): string {
  return `/api/v1/data/${encodeURIComponent(key)}`;
}

/** The document of an answer that succeeded, held to its operation's contract. Throws with the answer if it is another. */
export function outputIn<Id extends OperationId>(id: Id, { status, body }: Answer): OutputOf<Id> {
  const parsed = status === 200 ? operationOf(id).output.safeParse(body) : null;
  if (parsed?.success !== true) throw new Error(`${id} was answered with ${status} ${JSON.stringify(body)}`);
  return parsed.data as OutputOf<Id>; // That very schema judged it.
}

/** The error of an answer that is one. */
export function errorIn({ body }: Answer): ErrorBody {
  return errorResponseSchema.parse(body).error;
}

/** The value that a read was answered with. */
export function valueIn(answer: Answer): JsonValue {
  return outputIn('data.get', answer).value;
}
