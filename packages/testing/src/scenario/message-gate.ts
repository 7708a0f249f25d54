import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { Segment, SimNetwork } from '../sim/process-parts.ts';
import type { WireFrame } from '../sim/wire.ts';

export type MessageKind = PeerMessage['kind'];

interface Caught {
  readonly from: number;
  readonly to: number;
  readonly frame: WireFrame;
}

interface Rule {
  readonly kind: MessageKind;
  /** Endpoint numbers; null is any. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Messages of one kind between nodes, kept back until they are let go: this is how a story orders a race exactly. */
export class Held {
  readonly #caught: Caught[] = [];
  readonly #network: SimNetwork;
  readonly #rule: Rule;
  readonly #closed: (held: Held) => void;
  #letThrough = false;

  constructor(network: SimNetwork, rule: Rule, closed: (held: Held) => void) {
    this.#network = network;
    this.#rule = rule;
    this.#closed = closed;
  }

  /** How many messages it holds now. */
  get count(): number {
    return this.#caught.length;
  }

  /** Endpoint numbers of the oldest message held. */
  get ends(): { readonly from: number; readonly to: number } | null {
    return this.#caught[0] ?? null;
  }

  /** Stops holding and sends on what was held, in order. */
  release(): void {
    this.#closed(this);
    for (const { from, to, frame } of this.#caught.splice(0))
      this.#network.send(from, to, { kind: 'frame', frame });
  }

  /** Sends on the oldest message held, and goes on holding. */
  releaseFirst(): void {
    const first = this.#caught.shift();
    if (first === undefined) throw new Error(`no ${this.#rule.kind} is held`);
    this.#letThrough = true;
    this.#network.send(first.from, first.to, { kind: 'frame', frame: first.frame });
    this.#letThrough = false;
  }

  /** Stops holding; what was held never arrives. */
  drop(): void {
    this.#closed(this);
    this.#caught.length = 0;
  }

  fits(from: number, to: number, message: PeerMessage): boolean {
    const { kind, from: source, to: target } = this.#rule;
    if (this.#letThrough) return false;
    return message.kind === kind && (source ?? from) === from && (target ?? to) === to;
  }

  catch(from: number, to: number, frame: WireFrame): void {
    this.#caught.push({ from, to, frame });
  }
}

/** Stands at every link and takes out of each frame the messages that somebody holds. */
export class MessageGate {
  readonly #network: SimNetwork;
  readonly #holding = new Set<Held>();

  constructor(network: SimNetwork) {
    this.#network = network;
    network.filter = (from, to, segment) => this.#passes(from, to, segment);
  }

  hold(rule: Rule): Held {
    const held = new Held(this.#network, rule, () => this.#holding.delete(held));
    this.#holding.add(held);
    return held;
  }

  #passes(from: number, to: number, segment: Segment): boolean {
    if (segment.kind !== 'frame' || this.#holding.size === 0) return true;
    const { content } = segment.frame;
    if (content instanceof Uint8Array) return true;
    const rest = content.messages.filter((message) => !this.#keep(from, to, segment.frame, message));
    if (rest.length === content.messages.length) return true;
    if (rest.length > 0) this.#network.send(from, to, frameWith(segment.frame, rest));
    return false;
  }

  #keep(from: number, to: number, frame: WireFrame, message: PeerMessage): boolean {
    for (const held of this.#holding) {
      if (!held.fits(from, to, message)) continue;
      held.catch(from, to, frameWith(frame, [message]).frame);
      return true;
    }
    return false;
  }
}

function frameWith(
  frame: WireFrame,
  messages: readonly PeerMessage[],
): { readonly kind: 'frame'; readonly frame: WireFrame } {
  if (frame.content instanceof Uint8Array) return { kind: 'frame', frame };
  return { kind: 'frame', frame: { ...frame, content: { ...frame.content, messages } } };
}
