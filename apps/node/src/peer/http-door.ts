import { failed, type Result } from '@starling/api-types';
import {
  type Address,
  type Effect,
  type Input,
  type NodeId,
  type PeerMessage,
  parseAddress,
} from '@starling/core';
import { decodeFrame, encodeFrame } from '@starling/core/codec/frame.ts';
import { decodePacket, encodePacket } from '@starling/core/membership/packet-codec.ts';
import type { PeerDoor } from '../http/peer-routes.ts';
import { nodeLimits } from '../limits.ts';

type Call = Extract<PeerMessage, { kind: 'clock' | 'read' | 'store' | 'keys' | 'pull' }>;
type Send = Extract<Effect, { type: 'send' }>;
type Packet = Extract<Effect, { type: 'packet' }>;

/** Where answers to packets of this door go: an address that is nobody's, so that they come back to the door. */
const doorHost = 'http.invalid';

/**
 * Single messages of other nodes that come by plain HTTP. The machine answers a message to whoever sent it; a caller by
 * HTTP is no member, so its call goes in under this node's own name and a number of the door's, and the answer, which
 * the machine then sends to this very node, is caught on its way out.
 */
export class HttpDoor implements PeerDoor {
  readonly #self: NodeId;
  readonly #nowMs: () => number;
  readonly #feed: (input: Input) => void;
  #next = firstDoorCall;
  readonly #calls = new Map<number, (frame: Uint8Array) => void>();
  readonly #packets = new Map<Address, (packet: Uint8Array) => void>();

  constructor(self: NodeId, nowMs: () => number, feed: (input: Input) => void) {
    this.#self = self;
    this.#nowMs = nowMs;
    this.#feed = feed;
  }

  async replicate(bytes: Uint8Array): Promise<Result<Uint8Array>> {
    const frame = decodeFrame(bytes, this.#nowMs());
    const message = frame?.messages.length === 1 ? frame.messages[0] : undefined;
    if (frame === null || message === undefined) return refused('body: not one encoded message');
    if (!isCall(message)) return refused(`body: ${message.kind} is no call that can be answered here`);
    const rpc = this.#next++;
    const answer = waitFor(this.#calls, rpc);
    this.#feed({ type: 'message', from: this.#self, hlc: frame.hlc, message: { ...message, rpc } });
    return answer;
  }

  async receive(bytes: Uint8Array): Promise<Result<Uint8Array>> {
    const packet = decodePacket(bytes);
    if (packet === null) return refused('body: not an encoded packet');
    const from = parseAddress(`${this.#next++}.${doorHost}:1`)!;
    let answer: Uint8Array = nothing;
    // The machine answers a packet in the same step, or not at all.
    this.#packets.set(from, (bytes) => {
      answer = bytes;
    });
    this.#feed({ type: 'packet', from, via: 'tcp', packet });
    this.#packets.delete(from);
    return { ok: true, output: answer };
  }

  /** Whether this effect answers a call of the door; it then goes no further. */
  takeSend({ to, hlc, message }: Send): boolean {
    if (to !== this.#self || !('rpc' in message)) return false;
    const answer = this.#calls.get(message.rpc);
    this.#calls.delete(message.rpc);
    answer?.(encodeFrame(hlc, [message], this.#nowMs()));
    return answer !== undefined;
  }

  takePacket({ to, packet }: Packet): boolean {
    if (!to.includes(doorHost)) return false;
    this.#packets.get(to)?.(encodePacket(packet));
    return true;
  }
}

const nothing = new Uint8Array(0);

/** Above every number the machine gives to calls of its own within a process's life. */
const firstDoorCall = 2 ** 52;

function isCall(message: PeerMessage): message is Call {
  const { kind } = message;
  return kind === 'clock' || kind === 'read' || kind === 'store' || kind === 'keys' || kind === 'pull';
}

function waitFor(calls: Map<number, (frame: Uint8Array) => void>, rpc: number): Promise<Result<Uint8Array>> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      calls.delete(rpc);
      resolve({ ok: false, error: failed('quorum_unavailable', 'no answer in time') });
    }, nodeLimits.doorCallMs);
    calls.set(rpc, (frame) => {
      clearTimeout(timer);
      resolve({ ok: true, output: frame });
    });
  });
}

function refused(message: string): Result<Uint8Array> {
  return { ok: false, error: failed('invalid_request', message) };
}
