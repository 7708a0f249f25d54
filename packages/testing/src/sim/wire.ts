/**
 * What travels between processes. Mostly the messages themselves, since encoding them costs more than all the rest of
 * a step; in some seeds real bytes, of which some are damaged on the way and must then be refused whole.
 */
import type { Address, Hlc, MonoMs, NodeId } from '@starling/core/base/ids.ts';
import { decodeFrame, encodeFrames } from '@starling/core/codec/frame.ts';
import type { SwimPacket } from '@starling/core/membership/packet.ts';
import { decodePacket, encodePacket } from '@starling/core/membership/packet-codec.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { withUnknownMessage } from './newer-release.ts';
import type { LifetimeOptions } from './options.ts';
import type { Prng } from './prng.ts';
import type { SimProcess } from './process.ts';
import { Violation } from './violation.ts';

/** Everything one step said to one peer, or a part of it. */
export interface WireFrame {
  readonly from: NodeId;
  readonly content: FrameContent;
  /** Messages in it that only the next release knows; null if nobody has counted them. */
  readonly unknown: number | null;
}

type Sender = Pick<SimProcess, 'nodeId' | 'index'>;

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
  readonly #newer: number;
  readonly #random: Prng;
  readonly #nextRelease: Prng;

  /** With `recode`, everything becomes bytes and messages again. */
  constructor({ recode, newer }: Pick<LifetimeOptions, 'recode' | 'newer'>, random: Prng) {
    this.#recode = recode;
    this.#newer = newer;
    this.#random = random.split('wire');
    this.#nextRelease = random.split('next release');
  }

  pack(sender: Sender, hlc: Hlc, messages: readonly PeerMessage[], sentAt: MonoMs): WireFrame[] {
    const from = sender.nodeId;
    if (!this.#recode) return [{ from, content: { hlc, messages, sentAt }, unknown: 0 }];
    const frames = encodeFrames(hlc, messages, sentAt);
    if (sender.index >= this.#newer)
      return frames.map((bytes) => ({ from, content: this.#carry(bytes), unknown: 0 }));
    return frames.map((bytes) => ({
      from,
      content: this.#carry(withUnknownMessage(bytes, this.#nextRelease)),
      unknown: 1,
    }));
  }

  /** What the receiver makes of it at its own monotonic time; null if it was damaged. */
  open({ content, unknown }: WireFrame, now: MonoMs): OpenedFrame | null {
    if (content instanceof Uint8Array) {
      const frame = decodeFrame(content, now);
      if (frame !== null && unknown !== null && frame.skipped !== unknown)
        throw new Violation(
          'I32',
          `of a frame with ${unknown} unknown messages ${frame.skipped} were passed over`,
        );
      return frame;
    }
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
