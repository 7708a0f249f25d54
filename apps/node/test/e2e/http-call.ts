import { Agent, request } from 'node:http';

/** An answer of a node: its body parsed, if it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: the tests compare documents field by field, whatever they turn out to be
  readonly body: any;
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
