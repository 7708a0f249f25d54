import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Effect, Input, NodeId } from '@starling/core';
import { decodeFrame } from '@starling/core/codec/frame.ts';
import { decodePacket, encodePacket } from '@starling/core/membership/packet-codec.ts';
import { clusterKeys } from './cluster-key.ts';
import type { Identity } from './handshake.ts';
import { type PeerCounters, peerCounters } from './peer-counters.ts';
import { PeerLinks } from './peer-links.ts';
import { PeerListener } from './peer-listener.ts';
import { UdpSocket } from './udp-socket.ts';
import { packetIn } from './wire.ts';

export interface TrafficOptions {
  readonly clusterSecret: Uint8Array;
  readonly self: () => Identity;
  /** Host and port to bind for UDP. */
  readonly host: string;
  readonly port: number;
  readonly random: () => number;
  readonly nowMs: () => number;
  /** What came from other nodes. */
  readonly onInput: (input: Input) => void;
  /** Two nodes that reached each other do not belong together: the secret, or the cluster, is another. */
  readonly onRefused: (reason: string) => void;
}

/** All traffic between this node and others, as the machine's inputs and effects. */
export class PeerTraffic {
  readonly counters: PeerCounters = peerCounters();
  readonly #options: TrafficOptions;
  readonly #packetKey: Uint8Array;
  readonly #links: PeerLinks;
  readonly #listener: PeerListener;
  #udp: UdpSocket | null = null;

  constructor(options: TrafficOptions) {
    this.#options = options;
    const { handshake: key, packets } = clusterKeys(options.clusterSecret);
    this.#packetKey = packets;
    const { self, nowMs, random, onInput, onRefused } = options;
    const { counters } = this;
    const onLost = (peer: NodeId) => onInput({ type: 'disconnected', peer });
    this.#links = new PeerLinks({ key, counters, self, random, nowMs, onLost, onRefused });
    this.#listener = new PeerListener({
      key,
      counters,
      self,
      nowMs,
      onLost,
      onRefused,
      onConnected: ({ address }) => this.#links.wake(address),
      onBytes: (peer, bytes) => this.#receive(peer, bytes),
    });
  }

  /** Binds the UDP port; rejects with the system's error if it cannot be had. */
  async open(): Promise<void> {
    const { host, port, nowMs, onInput } = this.#options;
    this.#udp = await UdpSocket.open({
      host,
      port,
      nowMs,
      key: this.#packetKey,
      counters: this.counters,
      onPacket: (from, bytes) => {
        const packet = decodePacket(bytes);
        if (packet === null) this.counters.packetsRefused++;
        else onInput({ type: 'packet', from, via: 'udp', packet });
      },
    });
  }

  /** An upgrade request for `peerPath`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#listener.upgrade(request, socket, head);
  }

  send({ to, address, hlc, message }: Extract<Effect, { type: 'send' }>): void {
    this.#links.add(to, address, hlc, message);
  }

  flushSends(): void {
    this.#links.flush();
  }

  packet({ to, via, packet }: Extract<Effect, { type: 'packet' }>): void {
    const bytes = encodePacket(packet);
    if (via === 'udp') this.#udp?.send(to, bytes);
    else this.#links.sendPacket(to, bytes);
  }

  /** Connections to and from other nodes that are open now. */
  connections(): { readonly outgoing: number; readonly incoming: number } {
    return { outgoing: this.#links.size, incoming: this.#listener.size };
  }

  /** Closes every connection; what was sent before is delivered first, where the other end takes it. */
  close(): void {
    this.#links.close();
    this.#listener.close();
    this.#udp?.close();
  }

  #receive(peer: Identity, bytes: Uint8Array): boolean {
    const packetBytes = packetIn(bytes);
    return packetBytes === null ? this.#receiveFrame(peer, bytes) : this.#receivePacket(peer, packetBytes);
  }

  #receiveFrame(peer: Identity, bytes: Uint8Array): boolean {
    const frame = decodeFrame(bytes, this.#options.nowMs());
    if (frame === null) return false;
    this.counters.messagesReceived += frame.messages.length;
    for (const message of frame.messages) {
      this.#options.onInput({ type: 'message', from: peer.nodeId, hlc: frame.hlc, message });
    }
    return true;
  }

  #receivePacket(peer: Identity, bytes: Uint8Array): boolean {
    const packet = decodePacket(bytes);
    if (packet === null) return false;
    this.counters.packetsReceived++;
    this.#options.onInput({ type: 'packet', from: peer.address, via: 'tcp', packet });
    return true;
  }
}
