import type { Address, NodeId } from '@starling/core';
import type { WebSocket } from 'ws';
import { nodeLimits } from '../limits.ts';
import { DialError, dial, type PeerConnection } from './dial.ts';
import type { Identity } from './handshake.ts';
import type { PeerCounters } from './peer-counters.ts';

/** What all links of a node share. */
export interface LinkContext {
  readonly key: Uint8Array;
  readonly counters: PeerCounters;
  readonly self: () => Identity;
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number;
  readonly nowMs: () => number;
  /** What was sent to this node may never have arrived. */
  readonly onLost: (peer: NodeId) => void;
  /** Whoever is at an address does not let this node in, or did not prove who it is. */
  readonly onRefused: (reason: string) => void;
}

/** One WebSocket message to send. `to` is null for a membership packet: whoever is at the address may read it. */
export interface Outgoing {
  readonly to: NodeId | null;
  readonly bytes: Uint8Array;
  /** Messages inside, for the counters. */
  readonly messages: number;
}

/**
 * The way from this node to the node at one address: at most one connection, opened when there is something to say.
 * Answers come back over the other node's own link, so that each direction is ordered and fails by itself.
 *
 * What cannot be sent is dropped, counted, and reported as lost: a database request has its own timeouts, and an old
 * message is worth less than the memory it takes.
 */
export class PeerLink {
  readonly address: Address;
  readonly #context: LinkContext;
  readonly #closing = new AbortController();
  #connection: PeerConnection | null = null;
  /** Waiting for the connection. */
  #backlog: Outgoing[] = [];
  #backlogBytes = 0;
  #dialing = false;
  #retry: NodeJS.Timeout | null = null;
  #retryMs: number = nodeLimits.peerRetryMsMin;
  #postedBytes = 0;
  #takenBytes = 0;
  #progressMs: number;
  #usedMs: number;

  constructor(address: Address, context: LinkContext) {
    this.address = address;
    this.#context = context;
    this.#usedMs = context.nowMs();
    this.#progressMs = this.#usedMs;
  }

  /** Sends now if connected; else waits for the connection, within `peerQueueBytesMax`. */
  post(outgoing: Outgoing): void {
    this.#usedMs = this.#context.nowMs();
    if (this.#connection === null) this.#wait(outgoing);
    else this.#send(this.#connection, outgoing);
  }

  /** The node at this address has just reached us, so it is worth trying now. */
  wake(): void {
    this.#retryMs = nodeLimits.peerRetryMsMin;
    if (this.#retry === null) return;
    clearTimeout(this.#retry);
    this.#retry = null;
    if (this.#backlog.length > 0) this.#dial();
  }

  /** Called once a second: cuts a connection that takes nothing; answers whether the link has been idle too long. */
  inspect(): boolean {
    const now = this.#context.nowMs();
    if (this.#connection !== null) this.#checkProgress(this.#connection.socket, now);
    return now - this.#usedMs > nodeLimits.peerIdleMs;
  }

  /** Gives up the connection and all that waits for it. */
  close(): void {
    this.#closing.abort();
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#connection?.socket.close(1000);
    this.#dropBacklog();
  }

  #wait(outgoing: Outgoing): void {
    if (this.#backlogBytes > 0 && this.#backlogBytes + outgoing.bytes.length > nodeLimits.peerQueueBytesMax) {
      this.#drop(outgoing);
    } else {
      this.#backlog.push(outgoing);
      this.#backlogBytes += outgoing.bytes.length;
      if (this.#retry === null) this.#dial();
    }
  }

  #send({ socket, peer }: PeerConnection, outgoing: Outgoing): void {
    const meant = outgoing.to === null || outgoing.to === peer.nodeId;
    // A frame larger than the bound is one large message: it may go if it need not wait behind others.
    const waiting = socket.bufferedAmount;
    if (!meant || (waiting > 0 && waiting + outgoing.bytes.length > nodeLimits.peerQueueBytesMax)) {
      this.#drop(outgoing);
    } else {
      const { counters } = this.#context;
      counters.framesSent++;
      counters.bytesSent += outgoing.bytes.length;
      counters.messagesSent += outgoing.messages;
      this.#postedBytes += outgoing.bytes.length;
      socket.send(outgoing.bytes);
    }
  }

  #drop(outgoing: Outgoing): void {
    this.#context.counters.messagesDropped += Math.max(1, outgoing.messages);
  }

  #dial(): void {
    if (this.#dialing || this.#closing.signal.aborted) return;
    this.#dialing = true;
    const { key, self } = this.#context;
    dial(this.address, key, self(), this.#closing.signal).then(
      (connection) => this.#connected(connection),
      (cause: unknown) => this.#failed(cause),
    );
  }

  #connected(connection: PeerConnection): void {
    this.#dialing = false;
    if (this.#closing.signal.aborted) {
      connection.socket.terminate();
    } else {
      this.#context.counters.connects++;
      this.#connection = connection;
      this.#retryMs = nodeLimits.peerRetryMsMin;
      this.#postedBytes = 0;
      this.#takenBytes = 0;
      this.#progressMs = this.#context.nowMs();
      connection.socket.on('close', () => this.#disconnected(connection));
      for (const outgoing of this.#takeBacklog()) this.#send(connection, outgoing);
    }
  }

  #disconnected({ peer }: PeerConnection): void {
    this.#connection = null;
    if (!this.#closing.signal.aborted) this.#context.onLost(peer.nodeId);
  }

  /** Nothing waits longer than one attempt; the next message after the pause starts another. */
  #failed(cause: unknown): void {
    this.#dialing = false;
    if (this.#closing.signal.aborted) return;
    if (cause instanceof DialError && cause.refused) this.#context.onRefused(cause.message);
    this.#context.counters.connectFailures++;
    const jitter = 0.5 + this.#context.random();
    this.#retry = setTimeout(() => this.#tryAgain(), this.#retryMs * jitter);
    this.#retryMs = Math.min(2 * this.#retryMs, nodeLimits.peerRetryMsMax);
    this.#dropBacklog();
  }

  #tryAgain(): void {
    this.#retry = null;
    if (this.#backlog.length > 0) this.#dial();
  }

  #dropBacklog(): void {
    const lost = new Set<NodeId>();
    for (const outgoing of this.#takeBacklog()) {
      this.#drop(outgoing);
      if (outgoing.to !== null) lost.add(outgoing.to);
    }
    for (const peer of lost) this.#context.onLost(peer);
  }

  #takeBacklog(): Outgoing[] {
    const waiting = this.#backlog;
    this.#backlog = [];
    this.#backlogBytes = 0;
    return waiting;
  }

  #checkProgress(socket: WebSocket, now: number): void {
    const taken = this.#postedBytes - socket.bufferedAmount;
    if (socket.bufferedAmount === 0 || taken !== this.#takenBytes) this.#progressMs = now;
    this.#takenBytes = taken;
    if (now - this.#progressMs <= nodeLimits.peerStallMs) return;
    this.#context.counters.stalls++;
    socket.terminate();
  }
}
