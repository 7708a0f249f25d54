import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Address, limits } from '@starling/core';
import { WebSocket } from 'ws';
import { nodeLimits } from '../limits.ts';
import {
  askHeaders,
  type Challenge,
  challengeIn,
  dialerHeaders,
  type Headers,
  type Identity,
  peerPath,
  readListener,
  sameCluster,
} from './handshake.ts';

/** A connection whose other end has proven that it holds the cluster secret. */
export interface PeerConnection {
  readonly socket: WebSocket;
  readonly peer: Identity;
}

/** The other end could not be reached, did not prove itself, or belongs to another cluster. */
export class DialError extends Error {
  override readonly name = 'DialError';
  /** Somebody answered, and the two do not belong together: no further attempt will change that by itself. */
  readonly refused: boolean;

  constructor(message: string, refused: boolean) {
    super(message);
    this.refused = refused;
  }
}

/** Connects to a node and completes the handshake of `handshake.ts`, or throws `DialError`. */
export async function dial(
  address: Address,
  key: Uint8Array,
  self: Identity,
  signal: AbortSignal,
): Promise<PeerConnection> {
  const asked = await open(address, askHeaders(self), signal);
  const challenge = asked.socket === null ? challengeIn(asked.response.headers) : null;
  asked.socket?.terminate();
  if (challenge === null)
    throw new DialError(`${address} did not ask for proof: ${statusOf(asked.response)}`, true);
  const nonce = randomBytes(16).toString('hex');
  const answered = await open(address, dialerHeaders(key, self, challenge, nonce), signal);
  if (answered.socket === null)
    throw new DialError(`${address} refused: ${statusOf(answered.response)}`, true);
  return agreed(address, answered, self, { key, challenge, nonce });
}

interface Sent {
  readonly key: Uint8Array;
  readonly challenge: Challenge;
  readonly nonce: string;
}

function agreed(address: Address, opened: Opened, self: Identity, sent: Sent): PeerConnection {
  const { socket, response } = opened;
  const peer = readListener(sent.key, self, response.headers, sent);
  if (socket !== null && peer !== null && sameCluster(self, peer)) return { socket, peer };
  socket?.terminate();
  const reason = peer === null ? `${address} did not prove itself` : `${address} is of another cluster`;
  throw new DialError(reason, true);
}

function statusOf(response: IncomingMessage): string {
  return `${response.statusCode ?? 0} ${response.statusMessage ?? ''}`.trim();
}

/** The answer to an upgrade request; `socket` is null when it was refused. */
interface Opened {
  readonly socket: WebSocket | null;
  readonly response: IncomingMessage;
}

function open(address: Address, headers: Headers, signal: AbortSignal): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${address}${peerPath}`, {
      headers,
      perMessageDeflate: false,
      handshakeTimeout: nodeLimits.peerHandshakeMs,
      maxPayload: limits.frameBytesMax,
      skipUTF8Validation: true,
      // Masking guards browsers' intermediaries (RFC 6455 §10.3); between nodes it would only cost a pass over each byte.
      generateMask: (mask) => mask.fill(0),
    });
    const abort = () => socket.terminate();
    let response: IncomingMessage;
    signal.addEventListener('abort', abort, { once: true });
    const settle = () => signal.removeEventListener('abort', abort);
    socket.on('upgrade', (upgrade) => {
      response = upgrade;
    });
    socket.on('open', () => {
      settle();
      resolve({ socket, response });
    });
    socket.on('unexpected-response', (request, refusal) => {
      settle();
      refusal.resume();
      request.destroy();
      resolve({ socket: null, response: refusal });
    });
    // Stays for the life of the socket: an error after `open` is followed by `close`, which the owner handles.
    socket.on('error', (cause) => {
      settle();
      reject(new DialError(`${address}: ${cause.message}`, false));
    });
    if (signal.aborted) abort();
  });
}
