import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { allowedMethods, failed, splitTarget } from '@starling/api-types';
import type { WebSocket } from 'ws';
import type { Origins } from './origins.ts';
import { refuseSocket } from './refusals.ts';
import type { RequestIds } from './request-ids.ts';

/** Takes over a socket that asked to speak WebSocket. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface Entry {
  readonly handler: UpgradeHandler;
  /** Called when the server closes. */
  readonly close: () => void;
}

/**
 * Where each path's WebSocket goes. A browser sends its page's origin with an upgrade but lets any page open one, so the
 * check is made here, before any handler sees the socket.
 */
export class Upgrades {
  readonly #origins: Origins;
  readonly #ids: RequestIds;
  readonly #entries = new Map<string, Entry>();

  constructor(origins: Origins, ids: RequestIds) {
    this.#origins = origins;
    this.#ids = ids;
  }

  add(path: string, handler: UpgradeHandler, close: () => void = () => {}): void {
    this.#entries.set(path, { handler, close });
  }

  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refuse = (error: Parameters<typeof refuseSocket>[1]) =>
      refuseSocket(socket, error, this.#ids.fresh());
    const { path } = splitTarget(request.url ?? '/');
    const entry = this.#entries.get(path);
    if (entry === undefined) {
      const isKnown = allowedMethods(path) !== null;
      const told = isKnown ? 'nothing to upgrade to at this path' : 'there is nothing at this path';
      return refuse(failed(isKnown ? 'invalid_request' : 'no_such_route', told));
    }
    if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      return refuse(failed('upgrade_required', 'this path speaks WebSocket only'));
    }
    if (this.#origins.isForeign(request)) {
      return refuse(failed('forbidden_origin', 'pages of this origin may not connect here'));
    }
    entry.handler(request, socket, head);
  }

  close(): void {
    for (const { close } of this.#entries.values()) close();
  }
}

/** Says goodbye, and waits at most `graceMs` for those who do not answer. */
export function closeSockets(sockets: readonly WebSocket[], graceMs: number): void {
  for (const socket of sockets) socket.close(1001);
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.terminate();
  }, graceMs);
  timer.unref();
}
