/**
 * What travels between processes. Mostly the messages themselves, since encoding them costs more than all the rest of
 * a step; in some seeds real bytes, of which some are damaged on the way and must then be refused whole.
 */
import type { Address, Hlc, MonoMs, NodeId } from '@starling/core/base/ids.ts';
import { decodeFrame, encodeFrames } from '@starling/core/codec/frame.ts';
import type { SwimPacket } from '@starling/core/membership/packet.ts';
import { decodePacket, encodePacket } from '@starling/core/membership/packet-codec.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { Prng } from './prng.ts';

/** Everything one step said to one peer, or a part of it. */
export interface WireFrame {
  readonly from: NodeId;
  readonly content: FrameContent;
}

type FrameContent =
  /** `sentAt`: the sender's monotonic time, from which deadlines in the messages are counted. */
  { readonly hlc: Hlc; readonly messages: readonly PeerMessage[]; readonly sentAt: MonoMs } | Uint8Array;

export interface WirePacket {
  readonly from: Address;
  readonly via: 'udp' | 'tcp';
  readonly content: SwimPacket | Uint8Array;
}

export interface OpenedFrame {
  readonly hlc: Hlc;
  readonly messages: readonly PeerMessage[];
}

/** Share of frames and packets that have a bit flipped on the way. */
const damageShare = 0.005;

export class Wire {
  readonly #recode: boolean;
  readonly #random: Prng;

  /** With `recode`, everything becomes bytes and messages again. */
  constructor(recode: boolean, random: Prng) {
    this.#recode = recode;
    this.#random = random;
  }

  pack(from: NodeId, hlc: Hlc, messages: readonly PeerMessage[], sentAt: MonoMs): WireFrame[] {
    if (!this.#recode) return [{ from, content: { hlc, messages, sentAt } }];
    return encodeFrames(hlc, messages, sentAt).map((bytes) => ({ from, content: this.#carry(bytes) }));
  }

  /** What the receiver makes of it at its own monotonic time; null if it was damaged. */
  open({ content }: WireFrame, now: MonoMs): OpenedFrame | null {
    if (content instanceof Uint8Array) return decodeFrame(content, now);
    const { hlc, messages, sentAt } = content;
    return { hlc, messages: messages.map((message) => rebase(message, now - sentAt)) };
  }

  packPacket(from: Address, via: 'udp' | 'tcp', packet: SwimPacket): WirePacket {
    return { from, via, content: this.#recode ? this.#carry(encodePacket(packet)) : packet };
  }

  openPacket({ content }: WirePacket): SwimPacket | null {
    return content instanceof Uint8Array ? decodePacket(content) : content;
  }

  #carry(bytes: Uint8Array): Uint8Array {
    if (!this.#random.chance(damageShare) || bytes.length === 0) return bytes;
    const damaged = bytes.slice();
    const at = this.#random.below(damaged.length);
    damaged[at] = damaged[at]! ^ (1 << this.#random.below(8));
    return damaged;
  }
}

/** A forwarded request's deadline travels as time left, so it means the same on a clock that reads otherwise. */
function rebase(message: PeerMessage, shift: number): PeerMessage {
  if (message.kind !== 'forward') return message;
  const { request } = message;
  return { ...message, request: { ...request, deadlineAt: request.deadlineAt + shift } };
}
