/**
 * The console's server: Next behind a listener of our own, which sees each request as it came (`rest-target.ts`).
 * `--dev` compiles pages as they are asked for; without it the built console is served.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { errorAnswer, failed } from '@starling/api-types';
import next from 'next';
import { restTarget } from './rest-target.ts';

const hostname = '127.0.0.1';
const port = Number(process.env['STARLING_CONSOLE_PORT'] ?? 3000);
const dev = process.argv.includes('--dev');

function refuse(response: ServerResponse): void {
  const error = failed('invalid_request', 'path: an escape is broken or is no UTF-8');
  const { status, headers, body } = errorAnswer(error, randomUUID());
  response.writeHead(status, headers).end(body);
}

const server = createServer();
const app = next({ dev, hostname, port, dir: join(import.meta.dirname, '..'), httpServer: server });
await app.prepare();
const handle = app.getRequestHandler();

server.on('request', (request, response) => {
  const target = restTarget(request.url ?? '/');
  if (target === null) return refuse(response);
  request.url = target;
  void handle(request, response);
});
server.on('error', ({ message }) => {
  process.stderr.write(`the console cannot listen: ${message}\n`);
  process.exit(1);
});
server.listen(port, hostname, () => process.stdout.write(`the console is at http://${hostname}:${port}\n`));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
