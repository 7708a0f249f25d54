import { lookup } from 'node:dns';
import { parseAddress } from '@starling/core';
import { afterEach, expect, it, vi } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { clusterKeys } from './cluster-key.ts';
import { sealBytes } from './packet-seal.ts';
import { peerCounters } from './peer-counters.ts';
import { UdpSocket } from './udp-socket.ts';

vi.mock('node:dns', () => ({
  lookup: vi.fn(
    (_host: string, _options: object, done: (error: null, address: string, family: number) => void) =>
      setImmediate(() => done(null, '127.0.0.1', 4)),
  ),
}));

const open: UdpSocket[] = [];

afterEach(() => {
  vi.mocked(lookup).mockClear();
  for (const socket of open.splice(0)) socket.close();
});

const clock = { ms: 0 };

async function opened() {
  const counters = peerCounters();
  const { packets: key } = clusterKeys(Buffer.from('the secret of the cluster'));
  const options = { host: '127.0.0.1', port: 0, key, counters, nowMs: () => clock.ms, onPacket: () => {} };
  const socket = await UdpSocket.open(options);
  open.push(socket);
  const to = (host: string) => socket.send(parseAddress(`${host}:9`)!, new Uint8Array(1));
  return { socket, counters, to };
}

const asked = () => vi.mocked(lookup).mock.calls.map(([host]) => host);

it('a packet of so many bytes, seal included, is sent, one byte more is not (nodeLimits.udpPacketBytesMax)', async () => {
  const { socket, counters } = await opened();
  const largest = nodeLimits.udpPacketBytesMax - sealBytes;
  const send = (bytes: number) => socket.send(parseAddress('127.0.0.1:9')!, new Uint8Array(bytes));
  send(largest);
  expect(counters).toMatchObject({ packetsSent: 1, packetsRefused: 0 });
  send(largest + 1);
  expect(counters).toMatchObject({ packetsSent: 1, packetsRefused: 1 });
});

it('a host’s address is asked for again when it is so old (nodeLimits.resolvedHostMs)', async () => {
  const { to } = await opened();
  const askedAfter = async (ms: number) => {
    clock.ms = ms;
    to('peer.example');
    // Sends are resolved in order: once this one's host was asked for, so was the other's, if at all.
    to(`mark-${ms}.example`);
    await vi.waitFor(() => expect(asked()).toContain(`mark-${ms}.example`));
    return asked().filter((host) => host === 'peer.example').length;
  };
  expect(await askedAfter(0)).toBe(1);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(await askedAfter(nodeLimits.resolvedHostMs - 1)).toBe(1);
  expect(await askedAfter(nodeLimits.resolvedHostMs)).toBe(2);
});

it('so many hosts are remembered, and then all are asked for anew (nodeLimits.resolvedHostsMax)', async () => {
  clock.ms = 0;
  const { to } = await opened();
  const counts = () => asked().filter((host) => host === 'host-0.example').length;
  // The host that was bound to is the first.
  for (let i = 0; i < nodeLimits.resolvedHostsMax - 1; i++) to(`host-${i}.example`);
  await vi.waitFor(() => expect(asked()).toHaveLength(nodeLimits.resolvedHostsMax));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  to('host-0.example');
  to('one-more.example');
  await vi.waitFor(() => expect(asked()).toContain('one-more.example'));
  expect(counts()).toBe(1);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  to('host-0.example');
  await vi.waitFor(() => expect(counts()).toBe(2));
});
