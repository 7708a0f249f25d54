import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { failed } from '@starling/api-types';
import type { NodeEvent } from '@starling/core';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MachinePort } from '../../service/machine-port.ts';
import type { HttpLimits } from '../limits.ts';
import { refuseSocket } from '../refusals.ts';
import { closeSockets } from '../upgrades.ts';
import { LiveFeed } from './live-feed.ts';

interface Follower {
  readonly socket: WebSocket;
  /** Monotonic ms since when it has not kept up; null while it does. */
  behindSince: number | null;
  lastHeard: number;
}

/**
 * Serves `/ws`. A follower with too much unsent is told nothing more until it has read what it was sent; then it gets a
 * snapshot. So one slow reader costs a bounded amount of memory and nobody else anything.
 */
export class LiveHub {
  readonly #machine: MachinePort;
  readonly #feed: LiveFeed;
  readonly #limits: HttpLimits;
  readonly #server: WebSocketServer;
  readonly #followers = new Set<Follower>();
  #timer: NodeJS.Timeout | null = null;

  constructor(machine: MachinePort, limits: HttpLimits) {
    this.#machine = machine;
    this.#limits = limits;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.liveMessageBytesMax,
    });
    this.#feed = new LiveFeed(machine, limits.liveRepeatMs);
  }

  /** Something happened: followers are told in the next round. */
  event(event: NodeEvent): void {
    this.#feed.event(event);
  }

  get followers(): number {
    return this.#followers.size;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#followers.size >= this.#limits.liveClientsMax) {
      refuseSocket(socket, failed('overloaded', `${this.#limits.liveClientsMax} clients follow already`), '');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connection) => this.#join(connection));
  }

  close(): void {
    this.#stop();
    closeSockets(
      Array.from(this.#followers, ({ socket }) => socket),
      this.#limits.closeMs,
    );
    this.#server.close();
  }

  #join(socket: WebSocket): void {
    const follower: Follower = { socket, behindSince: null, lastHeard: this.#now() };
    const leave = () => this.#leave(follower);
    socket.on('error', () => socket.terminate());
    socket.on('close', leave);
    socket.on('pong', () => {
      follower.lastHeard = this.#now();
    });
    // Those who follow are told what changed up to here, so that everybody continues from the same state.
    this.#round();
    this.#followers.add(follower);
    this.#send(follower, this.#feed.snapshot());
    this.#timer ??= setInterval(() => this.#round(), this.#limits.liveEveryMs);
  }

  #leave(follower: Follower): void {
    this.#followers.delete(follower);
    if (this.#followers.size === 0) this.#stop();
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #round(): void {
    const messages = this.#feed.round().map((text) => Buffer.from(text));
    const now = this.#now();
    for (const follower of this.#followers) {
      if (follower.behindSince !== null) this.#catchUp(follower, now);
      else for (const message of messages) this.#send(follower, message);
      if (now - follower.lastHeard > this.#limits.livePingMs) this.#askForLife(follower, now);
    }
  }

  #catchUp(follower: Follower, now: number): void {
    if (follower.socket.bufferedAmount === 0) {
      follower.behindSince = null;
      this.#send(follower, this.#feed.snapshot());
    } else if (now - (follower.behindSince ?? now) > this.#limits.liveBehindMs) follower.socket.terminate();
  }

  /** A ping each round while nothing is heard; a connection that answers none of them is gone. */
  #askForLife({ socket, lastHeard }: Follower, now: number): void {
    if (now - lastHeard > 2 * this.#limits.livePingMs) socket.terminate();
    else socket.ping();
  }

  #send(follower: Follower, message: string | Buffer): void {
    const { socket } = follower;
    if (follower.behindSince !== null || socket.readyState !== socket.OPEN) return;
    socket.send(message, { binary: false });
    if (socket.bufferedAmount > this.#limits.liveBacklogBytesMax) follower.behindSince = this.#now();
  }

  #now(): number {
    return this.#machine.now().mono;
  }
}
