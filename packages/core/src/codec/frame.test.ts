import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { PeerMessage } from '../node/messages.ts';
import { keyRef } from '../ring/key.ts';
import { crc32c } from './crc32c.ts';
import { decodeFrame, encodeFrame, encodeFrames } from './frame.ts';
import { anyMessage, mono } from './messages.arbitrary.ts';
import { anyHlc } from './record.arbitrary.ts';

const anyMessages = fc.array(anyMessage, { maxLength: 5 });
const fetch: PeerMessage = { kind: 'ringFetch' };

/** The same bytes with a checksum that fits them: what a broken or hostile peer would send. */
function resealed(bytes: Uint8Array): Uint8Array {
  const sealed = bytes.slice();
  new DataView(sealed.buffer).setUint32(sealed.length - 4, crc32c(sealed, 0, sealed.length - 4), true);
  return sealed;
}

test('a frame comes back as it was', () => {
  fc.assert(
    fc.property(anyHlc, anyMessages, (hlc, messages) => {
      expect(decodeFrame(encodeFrame(hlc, messages, mono), mono)).toEqual({ hlc, messages, skipped: 0 });
    }),
    { numRuns: 300 },
  );
});

test('frames near a size hold the same messages in the same order, and only the last message goes over it', () => {
  fc.assert(
    fc.property(anyHlc, anyMessages, fc.nat(400), (hlc, messages, target) => {
      const frames = encodeFrames(hlc, messages, mono, target).map((bytes) => decodeFrame(bytes, mono)!);
      expect(frames.flatMap((frame) => frame.messages)).toEqual(messages);
      for (const frame of frames) {
        expect(frame.hlc).toBe(hlc);
        const allButLast = encodeFrame(hlc, frame.messages.slice(0, -1), mono);
        if (frame.messages.length > 1) expect(allButLast.length - 4).toBeLessThan(target);
      }
    }),
  );
  expect(encodeFrames(1 as Hlc, [], mono)).toEqual([]);
});

test('the layout: version, count, clock, messages, checksum', () => {
  const bytes = encodeFrame(300 as Hlc, [fetch], mono);
  expect([...bytes.subarray(0, -4)]).toEqual([1, 1, 0, 0, 0, 0xac, 2, 1, 0, 0, 0, 20]);
  expect(new DataView(bytes.buffer).getUint32(bytes.length - 4, true)).toBe(
    crc32c(bytes, 0, bytes.length - 4),
  );
});

describe('damage', () => {
  test('any one bit flipped is found', () => {
    const bytes = encodeFrame(7 as Hlc, [fetch, { kind: 'ringReady', nodeId: 'n' as never, epoch: 4 }], mono);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodeFrame(flipped, mono)).toBeNull();
    }
  });

  test('any frame cut short, and any bytes at all, are no frame', () => {
    fc.assert(
      fc.property(anyMessages, fc.nat(), fc.uint8Array({ maxLength: 60 }), (messages, cut, noise) => {
        const bytes = encodeFrame(7 as Hlc, messages, mono);
        expect(decodeFrame(bytes.slice(0, cut % bytes.length), mono)).toBeNull();
        expect(decodeFrame(noise, mono)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('a peer that seals nonsense properly: every answer is null or a frame that comes back alike', () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.nat(255) });
    fc.assert(
      fc.property(
        anyMessages,
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        fc.nat(3),
        (messages, mutations, cut) => {
          const bytes = encodeFrame(7 as Hlc, messages, mono).slice(0, cut === 0 ? -5 : undefined);
          for (const { at, byte } of mutations) bytes[at % bytes.length] = byte;
          const frame = decodeFrame(resealed(bytes), mono);
          if (frame === null) return;
          const again = decodeFrame(encodeFrame(frame.hlc, frame.messages, mono), mono);
          expect(again).toEqual({ ...frame, skipped: 0 });
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('a message that cannot be read costs only itself', () => {
    const bytes = encodeFrame(7 as Hlc, [fetch, fetch, fetch], mono);
    const second = 6 + 5 + 4;
    expect(bytes[second]).toBe(20);
    bytes[second] = 99;
    expect(decodeFrame(resealed(bytes), mono)).toEqual({ hlc: 7, messages: [fetch, fetch], skipped: 1 });
  });

  test('another version, a false count and something left over are refused', () => {
    const bytes = encodeFrame(7 as Hlc, [fetch, fetch], mono);
    for (const [at, value] of [
      [0, 2],
      [0, 0],
      [1, 1],
      [1, 3],
      [4, 0xff],
    ] as const) {
      const changed = bytes.slice();
      changed[at] = value;
      expect(decodeFrame(resealed(changed), mono)).toBeNull();
    }
  });

  test('a frame at the bound is read, one byte more is refused (limits.frameBytesMax)', () => {
    const largest = new Uint8Array(limits.frameBytesMax);
    const unknown = limits.frameBytesMax - 14;
    largest.set([1, 1, 0, 0, 0, 7, unknown, unknown >> 8, unknown >> 16, unknown >> 24, 99]);
    expect(decodeFrame(resealed(largest), mono)).toEqual({ hlc: 7, messages: [], skipped: 1 });
    const larger = new Uint8Array(limits.frameBytesMax + 1);
    larger.set([
      1,
      1,
      0,
      0,
      0,
      7,
      unknown + 1,
      (unknown + 1) >> 8,
      (unknown + 1) >> 16,
      (unknown + 1) >> 24,
      99,
    ]);
    expect(decodeFrame(resealed(larger), mono)).toBeNull();
  });

  test('a frame is closed by the message that reaches the target (limits.frameBytesTarget)', () => {
    const value = new Uint8Array(limits.frameBytesTarget / 8);
    const messages = Array.from({ length: 9 }, (_, rpc): PeerMessage => {
      const ref = keyRef('t', 'k');
      const common = { ref, level: 'one', deadlineAt: mono, explain: false, context: null } as const;
      return {
        kind: 'forward',
        rpc,
        epoch: 1,
        request: { kind: 'put', ...common, requestId: null, condition: null, value, expiresAt: 0 },
      };
    });
    const sizes = (count: number) =>
      encodeFrames(7 as Hlc, messages.slice(0, count), mono).map(
        (bytes) => decodeFrame(bytes, mono)?.messages.length,
      );
    expect(sizes(7)).toEqual([7]);
    expect(sizes(9)).toEqual([8, 1]);
  });

  test('the largest record that clients can make fits a frame (limits.frameBytesMax, limits.siblingsMax)', () => {
    const largest = limits.siblingsMax * (limits.valueBytesMax + 1024) + limits.contextCharsMax;
    expect(largest).toBeLessThan(limits.frameBytesMax);
  });
});
