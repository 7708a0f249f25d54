import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { apiLimits, appRouter, failed, jsonTextProblem, type NodeService } from '@starling/api-types';
import { applyWSSHandler, type Encoder } from '@trpc/server/adapters/ws';
import { WebSocketServer } from 'ws';
import type { HttpLimits } from './limits.ts';
import { refuseSocket } from './refusals.ts';
import type { RequestIds } from './request-ids.ts';
import { rpcDepthMax } from './rpc-route.ts';
import { closeSockets } from './upgrades.ts';

/** tRPC over WebSocket: the same router, service and bounds as over HTTP. */
export class RpcSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: apiLimits.batchBytesMax,
  });
  readonly #tellReconnect: () => void;
  readonly #limits: HttpLimits;

  constructor(
    service: NodeService,
    ids: RequestIds,
    onFault: (fault: unknown, requestId: string) => void,
    limits: HttpLimits,
  ) {
    this.#limits = limits;
    const { broadcastReconnectNotification } = applyWSSHandler({
      wss: this.#server,
      router: appRouter,
      createContext: () => ({ service, info: { requestId: ids.fresh() } }),
      keepAlive: { enabled: true },
      experimental_encoder: boundedJson,
      // Without a path it is the connection that broke, or somebody who speaks no WebSocket: no fault of ours.
      onError: ({ error, ctx, path }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR' && path !== undefined)
          onFault(error, ctx?.info.requestId ?? '');
      },
    });
    this.#tellReconnect = broadcastReconnectNotification;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#server.clients.size >= this.#limits.rpcSocketsMax) {
      refuseSocket(
        socket,
        failed('overloaded', `${this.#limits.rpcSocketsMax} connections are open already`),
        '',
      );
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connection) => {
      connection.on('error', () => connection.terminate());
      this.#server.emit('connection', connection, request);
    });
  }

  /** Tells clients to connect elsewhere, and closes. */
  close(): void {
    this.#tellReconnect();
    closeSockets([...this.#server.clients], this.#limits.closeMs);
    this.#server.close();
  }
}

/** JSON that was judged before it is parsed; tRPC answers a throw with a parse error. */
const boundedJson: Encoder = {
  encode: (data) => JSON.stringify(data),
  decode: (data) => {
    const text = typeof data === 'string' ? data : Buffer.from(data as Uint8Array).toString(); // ws gives bytes or text.
    const problem = jsonTextProblem(text, rpcDepthMax + 2);
    if (problem !== null) throw new Error(problem);
    const message: unknown = JSON.parse(text);
    if (Array.isArray(message) && message.length > apiLimits.rpcBatchCallsMax) {
      throw new Error(`more than ${apiLimits.rpcBatchCallsMax} calls in one message`);
    }
    return message;
  },
};
