import type { Address, Hlc, NodeId, PeerMessage } from '@starling/core';
import { encodeFrame } from '@starling/core/codec/frame.ts';
import { nodeLimits } from '../limits.ts';
import { type LinkContext, PeerLink } from './peer-link.ts';
import { wrapPacket } from './wire.ts';

/** What is to be said to one node. It stays when it is empty: it is wanted again in the next tick. */
interface Batch {
  readonly to: NodeId;
  address: Address;
  messages: PeerMessage[];
  hlc: Hlc;
}

/**
 * Everything this node says to others over TCP: messages are gathered over a tick and leave as one frame per peer, or as
 * several when there are many. A tick under load takes milliseconds; were all of its messages to wait for its end, peers
 * would rest while this node works, and the other way about.
 */
export class PeerLinks {
  readonly #context: LinkContext;
  readonly #links = new Map<Address, PeerLink>();
  readonly #batches = new Map<NodeId, Batch>();
  readonly #inspection: NodeJS.Timeout;

  constructor(context: LinkContext) {
    this.#context = context;
    this.#inspection = setInterval(() => this.#inspect(), 1000);
  }

  /** Adds a message to the frame that leaves when it is full or at `flush`. */
  add(to: NodeId, address: Address, hlc: Hlc, message: PeerMessage): void {
    const batch = this.#batch(to, address);
    batch.messages.push(message);
    if (hlc > batch.hlc) batch.hlc = hlc;
    if (batch.messages.length >= nodeLimits.peerFrameMessages) this.#post(batch);
  }

  /** Sends what is left at the end of the tick. */
  flush(): void {
    for (const batch of this.#batches.values()) if (batch.messages.length > 0) this.#post(batch);
  }

  /** Sends a membership packet at once: it tells who is alive, so it does not wait for the tick's frame. */
  sendPacket(address: Address, packet: Uint8Array): void {
    this.#link(address)?.post({ to: null, bytes: wrapPacket(packet), messages: 0 });
  }

  /** A node has connected to us and says that it is reached at `address`. */
  wake(address: Address): void {
    this.#links.get(address)?.wake();
  }

  get size(): number {
    return this.#links.size;
  }

  close(): void {
    clearInterval(this.#inspection);
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  #batch(to: NodeId, address: Address): Batch {
    const known = this.#batches.get(to);
    if (known === undefined) {
      const batch = { to, address, messages: [], hlc: 0 as Hlc };
      this.#batches.set(to, batch);
      return batch;
    }
    if (known.address !== address) {
      if (known.messages.length > 0) this.#post(known);
      known.address = address;
    }
    return known;
  }

  #post(batch: Batch): void {
    const { to, address, messages, hlc } = batch;
    batch.messages = [];
    batch.hlc = 0 as Hlc;
    const link = this.#link(address);
    if (link !== null) this.#postFrames(link, to, hlc, messages);
  }

  #postFrames(link: PeerLink, to: NodeId, hlc: Hlc, messages: readonly PeerMessage[]): void {
    const bytes = encodeFrame(hlc, messages, this.#context.nowMs());
    if (bytes.length <= nodeLimits.peerFrameBytes || messages.length === 1) {
      link.post({ to, bytes, messages: messages.length });
    } else {
      const half = messages.length >> 1;
      this.#postFrames(link, to, hlc, messages.slice(0, half));
      this.#postFrames(link, to, hlc, messages.slice(half));
    }
  }

  #link(address: Address): PeerLink | null {
    const known = this.#links.get(address);
    if (known !== undefined) return known;
    if (this.#links.size >= nodeLimits.peerLinksMax) {
      this.#context.counters.messagesDropped++;
      return null;
    }
    const link = new PeerLink(address, this.#context);
    this.#links.set(address, link);
    return link;
  }

  #inspect(): void {
    for (const [to, { messages }] of this.#batches) if (messages.length === 0) this.#batches.delete(to);
    for (const link of this.#links.values()) {
      if (!link.inspect()) continue;
      this.#links.delete(link.address);
      link.close();
    }
  }
}
