import { createServer, type Server } from 'node:http';
import { createServer as createRawServer, type Server as RawServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpConnection } from './http-connection.ts';
import { getRequest, putBody, putRequest } from './requests.ts';

const servers: (Server | RawServer)[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function portOf(server: Server | RawServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function ask(connection: HttpConnection, request: string): Promise<number> {
  return new Promise((resolve) => connection.send(request, resolve));
}

describe('http connection', () => {
  it('sends requests that a real server reads as they were meant, over one connection', async () => {
    const seen: { method: string; url: string; body: string }[] = [];
    const sockets = new Set<unknown>();
    const server = createServer((request, response) => {
      sockets.add(request.socket);
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        seen.push({ method: request.method ?? '', url: request.url ?? '', body });
        response.end('{"ok":true}');
      });
    });
    const connection = new HttpConnection({ host: '127.0.0.1', port: await portOf(server) });
    expect(await ask(connection, putRequest('h', 7, putBody(50)))).toBe(200);
    expect(await ask(connection, getRequest('h', 7))).toBe(200);
    connection.close();
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PUT /api/v1/data/bench:7',
      'GET /api/v1/data/bench:7',
    ]);
    expect(JSON.parse(seen[0]!.body).value).toHaveLength(50);
    expect(sockets.size).toBe(1);
  });

  it.each([1, 7, 1000])('reads answers that arrive in pieces of %i bytes', async (size) => {
    const answers = [
      `HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n${'x'.repeat(500)}`,
      'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n',
      'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}',
    ];
    const server = createRawServer((socket) => {
      socket.on('data', async () => {
        const answer = answers.shift() ?? '';
        for (let at = 0; at < answer.length; at += size) {
          await new Promise<void>((resolve) =>
            socket.write(answer.slice(at, at + size), () => setImmediate(resolve)),
          );
        }
      });
    });
    const connection = new HttpConnection({ host: '127.0.0.1', port: await portOf(server) });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push(await ask(connection, getRequest('h', i)));
    connection.close();
    expect(statuses).toEqual([200, 503, 404]);
  });

  it('sends the next request on another connection when the server says that it closes this one', async () => {
    const requests: number[] = [];
    let connections = 0;
    const server = createRawServer((socket) => {
      const number = ++connections;
      socket.on('data', () => {
        requests.push(number);
        const goodbye = number === 1 ? 'Connection: close\r\n' : '';
        // The first connection stays open on this side for as long as the client lets it.
        socket.write(`HTTP/1.1 200 OK\r\n${goodbye}Content-Length: 2\r\n\r\n{}`);
      });
    });
    const connection = new HttpConnection({ host: '127.0.0.1', port: await portOf(server) });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push(await ask(connection, getRequest('h', i)));
    connection.close();
    expect([statuses, requests]).toEqual([
      [200, 200, 200],
      [1, 2, 2],
    ]);
  });

  it('says 0 when the connection breaks, and connects anew for the next request', async () => {
    let connections = 0;
    const server = createRawServer((socket) => {
      connections++;
      socket.on('data', () => {
        if (connections === 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    const connection = new HttpConnection({ host: '127.0.0.1', port: await portOf(server) });
    expect(await ask(connection, getRequest('h', 1))).toBe(0);
    expect(await ask(connection, getRequest('h', 1))).toBe(200);
    connection.close();
  });
});
