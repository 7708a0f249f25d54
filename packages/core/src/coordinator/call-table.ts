import type { NodeId } from '../base/ids.ts';
import { InFlight } from '../base/in-flight.ts';
import { limits } from '../base/limits.ts';
import type { PeerMessage } from '../node/messages.ts';

interface OpenCall<Reply> {
  readonly peer: NodeId;
  readonly answered: (reply: Reply | null) => void;
}

/** A message with a call number: every request to a peer, and every answer. */
export type Numbered = Extract<PeerMessage, { readonly rpc: number }>;

/**
 * Matches answers of peers to calls. An answer from any node but the one asked is ignored, so is one that comes
 * after the call was closed: a peer can be slow, restarted, or lying.
 */
export class CallTable {
  #next: number;
  readonly #open = new InFlight<OpenCall<Numbered>>();
  readonly #send: (to: NodeId, message: PeerMessage) => boolean;

  /**
   * `send` answers false when the peer has no known address: the call then fails at once. `first` must differ widely
   * from one life of a node to the next: a peer may still answer what the last life asked, and call numbers that
   * began anew would give that answer to another call.
   */
  constructor(send: (to: NodeId, message: PeerMessage) => boolean, first = 1) {
    this.#send = send;
    this.#next = first;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Sends the message made by `build` with a fresh call number; `answered` gets the reply, or null if none can come. */
  call(
    peer: NodeId,
    build: (rpc: number) => PeerMessage,
    answered: (reply: Numbered | null) => void,
  ): number {
    const rpc = this.#next++;
    if (this.#open.size >= limits.coordinatorCallsMax) {
      answered(null);
      return rpc;
    }
    this.#open.add(rpc, { peer, answered });
    if (!this.#send(peer, build(rpc))) {
      this.#open.take(rpc);
      answered(null);
    }
    return rpc;
  }

  /** Nobody waits for this answer any more. */
  close(rpc: number): void {
    this.#open.take(rpc);
  }

  /** An answer came. */
  receive(from: NodeId, reply: Numbered): void {
    const call = this.#open.get(reply.rpc);
    if (call === undefined || call.peer !== from) return;
    this.#open.take(reply.rpc);
    call.answered(reply);
  }

  /** The connection to `peer` is gone: what it still owed will not come. */
  disconnected(peer: NodeId): void {
    for (const [rpc, call] of this.#open.entries()) {
      if (call.peer === peer) this.#open.take(rpc)?.answered(null);
    }
  }
}
