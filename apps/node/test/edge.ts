import { connect } from 'node:net';
import {
  type ErrorBody,
  errorResponseSchema,
  type OperationId,
  type OutputOf,
  operationOf,
} from '@starling/api-types';
import { ClusterContextTokens } from '../src/cluster-context-tokens.ts';
import { createHttpServer, type HttpServer } from '../src/http/http-server.ts';
import type { HttpLimits } from '../src/http/limits.ts';
import { Secret } from '../src/http/peer-routes.ts';
import { LocalNodeService } from '../src/service/node-service.ts';
import { SingleCopyMachine } from './single-copy-machine.ts';

/** A node's edge over the machine of one copy, on a free port of this host, and ways to speak to it. */
export interface Edge {
  readonly machine: SingleCopyMachine;
  readonly service: LocalNodeService;
  readonly server: HttpServer;
  readonly port: number;
  readonly base: string;
  /** What the edge reported as its own fault. A test that expects none checks that it is empty. */
  readonly faults: unknown[];
  close(): Promise<void>;
}

export const secretText = 'a secret of the tests';
export const consoleOrigin = 'http://localhost:3000';

export async function startEdge(
  machine = new SingleCopyMachine(),
  limits: Partial<HttpLimits> = {},
): Promise<Edge> {
  const service = new LocalNodeService(
    machine,
    new ClusterContextTokens(() => machine.ring()?.doc.clusterId ?? '', Buffer.from(secretText)),
  );
  const faults: unknown[] = [];
  const server = createHttpServer({
    service,
    consoleOrigins: [consoleOrigin],
    metrics: async () => '# TYPE up gauge\nup 1\n',
    peers: {
      replicate: async (message) => ({ ok: true, output: message }),
      receive: async () => ({ ok: true, output: new Uint8Array() }),
    },
    secret: new Secret(Buffer.from(secretText)),
    onFault: (fault) => faults.push(fault),
    limits,
  });
  const port = await server.listen(0, '127.0.0.1');
  return {
    machine,
    service,
    server,
    port,
    base: `http://127.0.0.1:${port}`,
    faults,
    close: () => server.close(),
  };
}

/** One answer as it stands on the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends bytes as they are and reads until the server closes or one whole answer has come. */
export function sendRaw(port: number, request: string | Buffer, timeoutMs = 5000): Promise<RawAnswer | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    const finish = (answer: RawAnswer | null) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => {
      socket.destroy();
      reject(new Error(`no answer within ${timeoutMs} ms; received: ${received.slice(0, 200)}`));
    });
    socket.on('error', () => finish(readAnswer(received)));
    socket.on('close', () => finish(readAnswer(received)));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const answer = readAnswer(received);
      if (answer !== null) finish(answer);
    });
    socket.write(request);
  });
}

/** The first whole answer in `text`, or null. */
function readAnswer(text: string): RawAnswer | null {
  const start = text.startsWith('HTTP/1.1 100') ? text.indexOf('\r\n\r\n') + 4 : 0;
  const end = text.indexOf('\r\n\r\n', start);
  if (end < 0) return null;
  const [line = '', ...fields] = text.slice(start, end).split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => [
      field.slice(0, field.indexOf(':')).toLowerCase(),
      field.slice(field.indexOf(':') + 1).trim(),
    ]),
  );
  const length = Number(headers['content-length'] ?? '0');
  const body = text.slice(end + 4, end + 4 + length);
  if (body.length < length) return null;
  return { status: Number(line.split(' ')[1]), headers, body: Buffer.from(body, 'latin1').toString() };
}

/** A request line and header section; `Host` is added unless it is given. */
export function head(method: string, target: string, fields: readonly string[] = []): string {
  const host = fields.some((field) => field.toLowerCase().startsWith('host:')) ? [] : ['Host: 127.0.0.1'];
  return [`${method} ${target} HTTP/1.1`, ...host, ...fields, '', ''].join('\r\n');
}

/** A whole request with a JSON body. */
export function withBody(
  method: string,
  target: string,
  body: string | Buffer,
  fields: readonly string[] = [],
): Buffer {
  const bytes = Buffer.from(body);
  const has = (name: string) => fields.some((field) => field.toLowerCase().startsWith(`${name}:`));
  const type = has('content-type') ? [] : ['Content-Type: application/json'];
  const length = has('content-length') || has('transfer-encoding') ? [] : [`Content-Length: ${bytes.length}`];
  return Buffer.concat([Buffer.from(head(method, target, [...type, ...length, ...fields]), 'latin1'), bytes]);
}

/** The document of a successful answer, checked against its operation's schema. */
export async function outputOf<Id extends OperationId>(id: Id, response: Response): Promise<OutputOf<Id>> {
  return operationOf(id).output.parse(await response.json()) as OutputOf<Id>; // That very schema judged it.
}

/** The error of an answer, checked against the contract's shape. */
export async function errorOf(response: Response): Promise<ErrorBody> {
  return errorResponseSchema.parse(await response.json()).error;
}
