import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../base/limits.ts';
import type { Gossip, MemberState, SwimPacket } from './packet.ts';
import {
  decodePacket,
  encodePacket,
  factsBytes,
  newsMax,
  packetBytes,
  stateBytes,
  syncHeaderBytesMax,
} from './packet-codec.ts';
import { address, nodeId } from './test-names.ts';
import { anyPacket, anyState } from './test-states.ts';

const claim = {
  nodeId: nodeId('a'),
  instanceId: '0123456789abcdef',
  address: address('h:1'),
  incarnation: 1,
  factsVersion: 0,
  facts: { clusterId: '', ringEpoch: 0, version: '', zone: '', state: '' },
};
const alive: MemberState = { claim, status: 'alive', by: claim.nodeId };
const header = { sender: nodeId('s'), instanceId: '00000000000000ff', cluster: '', view: 0 };

function gossip(updates: readonly MemberState[]): Gossip {
  return { kind: 'gossip', ...header, updates };
}

function survives(packet: SwimPacket): boolean {
  return decodePacket(encodePacket(packet)) !== null;
}

describe('a packet', () => {
  test('comes back from its bytes as it was', () => {
    fc.assert(
      fc.property(anyPacket, (packet) => void expect(decodePacket(encodePacket(packet))).toEqual(packet)),
    );
  });

  test('has as many bytes as foretold', () => {
    fc.assert(
      fc.property(anyPacket, (packet) => void expect(packetBytes(packet)).toBe(encodePacket(packet).length)),
    );
  });

  test('grows by the bytes of a state, up to the most that ride along', () => {
    fc.assert(
      fc.property(anyState(), (state) => {
        const grown = packetBytes(gossip([alive, state])) - packetBytes(gossip([alive]));
        expect(grown).toBe(stateBytes(state));
        const most = Array<MemberState>(newsMax).fill(state);
        expect(packetBytes(gossip(most))).toBe(packetBytes(gossip([])) + newsMax * stateBytes(state));
      }),
    );
  });
});

describe('decoding', () => {
  test('of any bytes answers a packet with exactly these bytes, or null', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const packet = decodePacket(bytes);
        if (packet !== null) expect(encodePacket(packet)).toEqual(bytes);
      }),
    );
  });

  test('of a packet with one byte changed, cut off or added does the same', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(anyPacket, change, fc.constantFrom('set', 'cut', 'add'), (packet, { at, byte }, how) => {
        const whole = encodePacket(packet);
        const place = at % whole.length;
        const bytes =
          how === 'cut'
            ? whole.slice(0, place)
            : how === 'add'
              ? Uint8Array.of(...whole, byte)
              : whole.slice();
        if (how === 'set') bytes[place] = byte;
        const read = decodePacket(bytes);
        if (how !== 'set') expect(read).toBeNull();
        if (read !== null) expect(encodePacket(read)).toEqual(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  test('refuses another format version and unknown kinds', () => {
    for (const place of [0, 1]) {
      const bytes = encodePacket(gossip([]));
      bytes[place] = 77;
      expect(decodePacket(bytes)).toBeNull();
    }
  });

  test('refuses claims that nobody can make', () => {
    const by = nodeId('b');
    expect(survives(gossip([alive]))).toBe(true);
    expect(survives(gossip([{ ...alive, by }]))).toBe(false);
    expect(survives(gossip([{ ...alive, status: 'dead' }]))).toBe(false);
    expect(survives(gossip([{ ...alive, status: 'suspect' }]))).toBe(false);
    expect(survives(gossip([{ ...alive, status: 'dead', by }]))).toBe(true);
    expect(survives(gossip([{ ...alive, status: 'left', by }]))).toBe(true);
    expect(survives(gossip([{ ...alive, claim: { ...claim, incarnation: 0 } }]))).toBe(false);
  });

  test('refuses an incarnation of 2^53 and takes the one below', () => {
    const top = { ...alive, claim: { ...claim, incarnation: Number.MAX_SAFE_INTEGER } };
    const bytes = encodePacket(gossip([top]));
    expect(decodePacket(bytes)).toEqual(gossip([top]));
    // The eighth byte of the number holds its bits 49 to 52: one more makes 2^53 and beyond.
    const at = bytes.indexOf(0x0f, bytes.length - stateBytes(top));
    bytes[at] = 0x10;
    expect(decodePacket(bytes)).toBeNull();
  });
});

describe('at the bounds', () => {
  const widest: MemberState = {
    claim: {
      nodeId: nodeId('n'.repeat(64)),
      instanceId: '0123456789abcdef',
      address: address(`${'h'.repeat(254)}:65535`),
      incarnation: Number.MAX_SAFE_INTEGER,
      factsVersion: Number.MAX_SAFE_INTEGER,
      facts: {
        clusterId: '0123456789abcdef',
        ringEpoch: Number.MAX_SAFE_INTEGER,
        version: 'v'.repeat(200),
        zone: 'z'.repeat(200),
        state: 's'.repeat(limits.factsBytesMax - 416),
      },
    },
    status: 'dead',
    by: nodeId('b'.repeat(64)),
  };

  test('facts of the largest size pass, one byte more does not (limits.factsBytesMax)', () => {
    expect(factsBytes(widest.claim.facts)).toBe(limits.factsBytesMax);
    expect(survives(gossip([widest]))).toBe(true);
    const facts = { ...widest.claim.facts, zone: `${widest.claim.facts.zone}z` };
    expect(survives(gossip([{ ...widest, claim: { ...widest.claim, facts } }]))).toBe(false);
  });

  test('the widest state fits a datagram beside the widest ping (limits.udpPacketBytesMax, limits.udpSealBytes)', () => {
    const ping: SwimPacket = {
      kind: 'ping',
      seq: 1,
      sender: nodeId('s'.repeat(64)),
      instanceId: '0123456789abcdef',
      cluster: '0123456789abcdef',
      view: 0,
      target: nodeId('t'.repeat(64)),
      targetInstance: '0123456789abcdef',
      updates: [widest],
    };
    expect(packetBytes(ping)).toBeLessThanOrEqual(limits.udpPacketBytesMax - limits.udpSealBytes);
  });

  test('news is limited in number, push/pull by its own number (limits.swimSyncStatesMax)', () => {
    expect(survives(gossip(Array(newsMax).fill(alive)))).toBe(true);
    expect(survives(gossip(Array(newsMax + 1).fill(alive)))).toBe(false);
    const sync = (count: number): SwimPacket => {
      return { kind: 'sync', phase: 'answer', seq: 1, ...header, updates: Array(count).fill(alive) };
    };
    expect(survives(sync(limits.swimSyncStatesMax))).toBe(true);
    expect(survives(sync(limits.swimSyncStatesMax + 1))).toBe(false);
  });

  test('a push/pull header is no longer than reserved for it', () => {
    const sync: SwimPacket = {
      kind: 'sync',
      phase: 'answer',
      seq: 2 ** 32 - 1,
      sender: nodeId('s'.repeat(64)),
      instanceId: '0123456789abcdef',
      cluster: '0123456789abcdef',
      view: 0,
      updates: [],
    };
    expect(packetBytes(sync) + 2).toBeLessThanOrEqual(syncHeaderBytesMax);
  });

  test('a packet over the largest size is not even looked at (limits.swimSyncBytesMax)', () => {
    const bytes = new Uint8Array(limits.swimSyncBytesMax + 1);
    bytes.set(encodePacket(gossip([])));
    expect(decodePacket(bytes)).toBeNull();
  });
});
