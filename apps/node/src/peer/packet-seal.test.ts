import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterKeys } from './cluster-key.ts';
import { openPacket, sealBytes, sealPacket } from './packet-seal.ts';

const key = clusterKeys(Buffer.from('the secret of the cluster')).packets;

describe('packet seal', () => {
  it('gives back what was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1400 }), (packet) => {
        expect(new Uint8Array(openPacket(key, sealPacket(key, packet))!)).toEqual(packet);
      }),
    );
  });

  it('refuses a packet with any one bit changed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(), (packet, at) => {
        const sealed = sealPacket(key, packet);
        const bit = at % (sealed.length * 8);
        sealed[bit >> 3]! ^= 1 << (bit & 7);
        expect(openPacket(key, sealed)).toBeNull();
      }),
    );
  });

  it('refuses a packet sealed with another key, or for another use of the same secret', () => {
    const packet = Buffer.from('ping');
    expect(
      openPacket(key, sealPacket(clusterKeys(Buffer.from('another secret')).packets, packet)),
    ).toBeNull();
    const handshake = clusterKeys(Buffer.from('the secret of the cluster')).handshake;
    expect(openPacket(key, sealPacket(handshake, packet))).toBeNull();
  });

  it('refuses what is too short to carry a code', () => {
    expect(openPacket(key, new Uint8Array(sealBytes - 1))).toBeNull();
    expect(openPacket(key, new Uint8Array(0))).toBeNull();
  });
});
