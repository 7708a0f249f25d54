import { createSocket } from 'node:dgram';
import { type Address, parseAddress } from '@starling/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clusterKeys } from './cluster-key.ts';
import { peerCounters } from './peer-counters.ts';
import { splitAddress, UdpSocket } from './udp-socket.ts';

const key = clusterKeys(Buffer.from('the secret of the cluster')).packets;
const open: UdpSocket[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function bound(port: number, options: { key?: Uint8Array; host?: string } = {}) {
  const received: { from: Address; text: string }[] = [];
  const counters = peerCounters();
  const socket = await UdpSocket.open({
    host: options.host ?? '127.0.0.1',
    port,
    key: options.key ?? key,
    counters,
    nowMs: () => performance.now(),
    onPacket: (from, packet) => received.push({ from, text: Buffer.from(packet).toString() }),
  });
  open.push(socket);
  return { socket, received, counters, address: parseAddress(`127.0.0.1:${port}`)! };
}

const soon = { timeout: 5000, interval: 5 };

describe('udp socket', () => {
  it('delivers sealed packets with the address to answer to', async () => {
    const [a, b] = [await bound(18_390), await bound(18_391)];
    await vi.waitFor(() => {
      a.socket.send(b.address, Buffer.from('ping'));
      expect(b.received[0]).toEqual({ from: a.address, text: 'ping' });
    }, soon);
  });

  it('finds a host by name', async () => {
    const [a, b] = [await bound(18_390), await bound(18_391)];
    await vi.waitFor(() => {
      a.socket.send(parseAddress('localhost:18391')!, Buffer.from('ping'));
      expect(b.received.length).toBeGreaterThan(0);
    }, soon);
  });

  it('drops and counts what is not sealed with the cluster’s key', async () => {
    const stranger = await bound(18_390, { key: clusterKeys(Buffer.from('another')).packets });
    const b = await bound(18_391);
    const raw = createSocket('udp4');
    await vi.waitFor(() => {
      stranger.socket.send(b.address, Buffer.from('ping'));
      raw.send('', 18_391, '127.0.0.1');
      raw.send('not sealed at all', 18_391, '127.0.0.1');
      expect(b.counters.packetsRefused).toBeGreaterThanOrEqual(3);
    }, soon);
    raw.close();
    expect(b.received).toEqual([]);
  });

  it('drops and counts a packet over the bound, and goes on', async () => {
    const [a, b] = [await bound(18_390), await bound(18_391)];
    a.socket.send(b.address, new Uint8Array(65_507));
    expect(a.counters).toMatchObject({ packetsRefused: 1, packetsSent: 0 });
    await vi.waitFor(() => {
      a.socket.send(b.address, Buffer.from('ping'));
      expect(b.received.length).toBeGreaterThan(0);
    }, soon);
  });

  it('refuses a port that is taken', async () => {
    await bound(18_390);
    await expect(bound(18_390)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('takes addresses apart', () => {
    expect(splitAddress(parseAddress('host.example:80')!)).toEqual({ host: 'host.example', port: 80 });
    expect(splitAddress(parseAddress('[::1]:8081')!)).toEqual({ host: '::1', port: 8081 });
  });
});
