/**
 * The yardstick: a bare node:http server that reads a body and answers JSON of the size of a small read. What a
 * database in this language can reach on this machine is some part of what this reaches. Prints its port.
 */
import { createServer } from 'node:http';
import { putBody } from './requests.ts';

const answer = Buffer.from(putBody(100));

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.(address.port);
});

process.on('disconnect', () => process.exit(0));
