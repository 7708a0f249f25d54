import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { type Address, parseAddress } from '@starling/core';
import { nodeLimits } from '../limits.ts';
import { openPacket, sealPacket } from './packet-seal.ts';
import type { PeerCounters } from './peer-counters.ts';

export interface UdpOptions {
  readonly host: string;
  readonly port: number;
  readonly key: Uint8Array;
  readonly counters: PeerCounters;
  readonly nowMs: () => number;
  /** A packet sealed with the cluster's key. */
  readonly onPacket: (from: Address, packet: Uint8Array) => void;
}

/**
 * Membership packets over UDP, on the port number of the TCP server, sealed with a key of the cluster secret.
 * A packet that cannot be sent or opened is dropped and counted: membership expects losses.
 */
export class UdpSocket {
  readonly #options: UdpOptions;
  readonly #socket: Socket;

  private constructor(options: UdpOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    socket.on('message', (sealed, from) => this.#receive(sealed, from));
    // Answers of the kernel to earlier sends (port unreachable and the like): losses, as far as membership goes.
    socket.on('error', () => options.counters.packetsRefused++);
  }

  /** Binds the port, or throws the system's error (such as EADDRINUSE). */
  static open(options: UdpOptions): Promise<UdpSocket> {
    return new Promise((resolve, reject) => {
      const socket = createSocket({
        type: isIP(options.host) === 6 ? 'udp6' : 'udp4',
        lookup: cachedLookup(options.nowMs),
      });
      socket.once('error', reject);
      socket.bind({ address: options.host, port: options.port, exclusive: true }, () => {
        socket.off('error', reject);
        resolve(new UdpSocket(options, socket));
      });
    });
  }

  send(to: Address, packet: Uint8Array): void {
    const { key, counters } = this.#options;
    const sealed = sealPacket(key, packet);
    if (sealed.length > nodeLimits.udpPacketBytesMax) {
      counters.packetsRefused++;
      return;
    }
    const { host, port } = splitAddress(to);
    counters.packetsSent++;
    this.#socket.send(sealed, port, host, (error) => {
      if (error !== null) counters.packetsRefused++;
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive(sealed: Buffer, from: RemoteInfo): void {
    const { key, counters, onPacket } = this.#options;
    const packet = openPacket(key, sealed);
    const address = parseAddress(
      from.family === 'IPv6' ? `[${from.address}]:${from.port}` : `${from.address}:${from.port}`,
    );
    if (packet === null || address === null) {
      counters.packetsRefused++;
      return;
    }
    counters.packetsReceived++;
    onPacket(address, packet);
  }
}

/** Host and port of an address; brackets of an IPv6 host are taken off. */
export function splitAddress(address: Address): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, port: Number(address.slice(colon + 1)) };
}

type Lookup = NonNullable<
  Parameters<typeof createSocket>[0] extends infer O ? (O extends { lookup?: infer L } ? L : never) : never
>;

/** Without it the system's resolver would be asked once per packet. */
function cachedLookup(nowMs: () => number): Lookup {
  const known = new Map<
    string,
    { readonly address: string; readonly family: number; readonly untilMs: number }
  >();
  return (host, options, done) => {
    const entry = known.get(host);
    if (entry !== undefined && entry.untilMs > nowMs()) return done(null, entry.address, entry.family);
    lookup(host, { family: options.family ?? 0 }, (error, address, family) => {
      if (error === null) {
        if (known.size >= nodeLimits.resolvedHostsMax) known.clear();
        known.set(host, { address, family, untilMs: nowMs() + nodeLimits.resolvedHostMs });
      }
      done(error, address, family);
    });
  };
}
