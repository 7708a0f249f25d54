import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { Outbox } from './outbox.ts';

it('sends every answer of a turn, and none before the turn has worked out the last', async () => {
  const outbox = new Outbox();
  const waiting: ServerResponse[] = [];
  let sentWithin: boolean[] = [];
  const server = createServer((_request, response) => {
    if (waiting.push(response) < 3) return;
    for (const [i, each] of waiting.entries()) outbox.end(each, `answer ${i}`);
    sentWithin = waiting.map(({ writableEnded }) => writableEnded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A server that listens on a port has one.
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(sentWithin).toEqual([false, false, false]);
  expect(answers.sort()).toEqual(['answer 0', 'answer 1', 'answer 2']);
  server.closeAllConnections();
  server.close();
});
