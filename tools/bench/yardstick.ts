import { fork } from 'node:child_process';
import type { Endpoint } from './http-connection.ts';

export interface Yardstick {
  readonly endpoint: Endpoint;
  stop(): void;
}

/** Starts the bare HTTP server of `yardstick-server.ts` in a process of its own. */
export function startYardstick(): Promise<Yardstick> {
  const child = fork(new URL('./yardstick-server.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the yardstick ended with code ${code}`)));
    child.once('message', (port) => {
      child.removeAllListeners('exit');
      resolve({ endpoint: { host: '127.0.0.1', port: Number(port) }, stop: () => child.disconnect() });
    });
  });
}
