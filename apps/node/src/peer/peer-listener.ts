import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits, type NodeId } from '@starling/core';
import { type WebSocket, WebSocketServer } from 'ws';
import { nodeLimits } from '../limits.ts';
import {
  Challenges,
  challengeHeaders,
  claimsProof,
  type Dialer,
  type Headers,
  type Identity,
  listenerHeaders,
  readDialer,
  sameCluster,
} from './handshake.ts';
import type { PeerCounters } from './peer-counters.ts';

export interface ListenerContext {
  readonly key: Uint8Array;
  readonly counters: PeerCounters;
  readonly self: () => Identity;
  readonly nowMs: () => number;
  /** Somebody tried to prove that it holds the cluster secret, and failed. */
  readonly onRefused: (reason: string) => void;
  /** A node has proven itself. */
  readonly onConnected: (peer: Identity) => void;
  /** One WebSocket message of a proven node. False if it is malformed: the connection is then closed. */
  readonly onBytes: (peer: Identity, bytes: Uint8Array) => boolean;
  /** Answers owed by this node may never come. */
  readonly onLost: (peer: NodeId) => void;
}

/** Accepts the connections of other nodes, after each has proven that it holds the cluster secret. */
export class PeerListener {
  readonly #context: ListenerContext;
  readonly #server: WebSocketServer;
  readonly #challenges = new Challenges();
  readonly #connections = new Map<NodeId, WebSocket>();
  /** Agreement headers for the upgrade that is being answered. */
  readonly #agreements = new WeakMap<IncomingMessage, Headers>();
  #closed = false;

  constructor(context: ListenerContext) {
    this.#context = context;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.frameBytesMax,
      skipUTF8Validation: true,
    });
    this.#server.on('headers', (lines, request) => {
      for (const [name, value] of Object.entries(this.#agreements.get(request) ?? {}))
        lines.push(`${name}: ${value}`);
    });
  }

  /** An HTTP upgrade request for `peerPath`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { key, self, nowMs, counters } = this.#context;
    const dialer = readDialer(key, self(), request.headers);
    if (dialer === null || !this.#challenges.accept(dialer.challenge, nowMs())) {
      if (claimsProof(request.headers)) {
        counters.handshakesRefused++;
        this.#context.onRefused(
          `${request.socket.remoteAddress ?? 'somebody'} does not hold the cluster secret`,
        );
      }
      refuse(socket, '401 Unauthorized', challengeHeaders(self(), this.#challenges.issue(nowMs())));
      return;
    }
    const reason = this.#reasonToRefuse(dialer);
    if (reason !== null) {
      counters.handshakesRefused++;
      refuse(socket, reason, {});
      return;
    }
    this.#agreements.set(request, listenerHeaders(key, self(), dialer));
    this.#server.handleUpgrade(request, socket, head, (connection) =>
      this.#accept(connection, dialer.identity),
    );
  }

  /** Nodes that are connected now. */
  get size(): number {
    return this.#connections.size;
  }

  get connections(): ReadonlyMap<NodeId, WebSocket> {
    return this.#connections;
  }

  /** Cuts all connections, on which this node only ever listens, and accepts no more. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.values()) connection.terminate();
    this.#server.close();
  }

  #reasonToRefuse({ identity }: Dialer): string | null {
    if (this.#closed) return '503 Stopping';
    if (!sameCluster(identity, this.#context.self())) return '403 Other Cluster';
    const full = this.#connections.size >= nodeLimits.peerConnectionsMax;
    return full && !this.#connections.has(identity.nodeId) ? '503 Too Many Peers' : null;
  }

  #accept(connection: WebSocket, peer: Identity): void {
    // A node that connects anew has given up its old connection, whether or not this side has noticed.
    this.#connections.get(peer.nodeId)?.terminate();
    this.#connections.set(peer.nodeId, connection);
    connection.on('error', (error) => this.#broken(connection, error));
    connection.on('message', (data) => this.#receive(connection, peer, data));
    connection.on('close', () => this.#gone(connection, peer));
    this.#context.onConnected(peer);
  }

  /** Errors whose code begins so are the WebSocket library's: what came breaks the protocol or a bound of it. */
  #broken(connection: WebSocket, error: Error): void {
    if ('code' in error && String(error.code).startsWith('WS_ERR')) this.#context.counters.framesMalformed++;
    connection.terminate();
  }

  #receive(connection: WebSocket, peer: Identity, data: unknown): void {
    const { counters, onBytes } = this.#context;
    if (data instanceof Uint8Array) {
      counters.framesReceived++;
      counters.bytesReceived += data.length;
      if (onBytes(peer, data)) return;
    }
    counters.framesMalformed++;
    connection.close(1007);
  }

  #gone(connection: WebSocket, peer: Identity): void {
    if (this.#connections.get(peer.nodeId) !== connection) return;
    this.#connections.delete(peer.nodeId);
    this.#context.onLost(peer.nodeId);
  }
}

function refuse(socket: Duplex, status: string, headers: Headers): void {
  socket.on('error', () => socket.destroy());
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n${lines.join('')}\r\n`);
}
