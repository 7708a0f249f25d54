import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { fromBase64url, toBase64url } from '../codec/base64url.ts';
import { anyClock, anyHlc, anyRecord } from '../codec/record.arbitrary.ts';
import type { CausalContext } from '../coordinator/request.ts';
import { keyRef } from '../ring/key.ts';
import { contextSecret, decodeContext, encodeContext, etagOf } from './context-token.ts';
import { emptyRecord, mergeRecords, sameRecord, writeSibling } from './dvv-set.ts';
import type { Sibling, VersionVector } from './record.ts';

const ref = keyRef('default', 'cart:7');
const secret = contextSecret('0123456789abcdef', 'hush');
const anyContext: fc.Arbitrary<CausalContext> = fc.record({ clock: anyClock, hlc: anyHlc });
const context: CausalContext = {
  clock: [{ actor: 'n1~0.00c0ffee' as ActorId, counter: 42 }],
  hlc: 1_792_000_000_000_000 as Hlc,
};
const token = encodeContext(context, ref, secret);

/** A clock of `actors` entries with ids of `bytes` bytes. */
function clockOf(actors: number, bytes: number): VersionVector {
  return Array.from({ length: actors }, (_, i) => ({
    actor: String(i).padStart(6, '0').padEnd(bytes, 'x') as ActorId,
    counter: Number.MAX_SAFE_INTEGER,
  }));
}

describe('a token', () => {
  test('gives back the context, of any length and content', () => {
    fc.assert(
      fc.property(anyContext, (c) => {
        expect(decodeContext(encodeContext(c, ref, secret), ref, secret)).toEqual(c);
      }),
      { numRuns: 300 },
    );
  });

  test('keeps its form from release to release', () => {
    expect(token).toBe('AYCAwJuIupcDAQ1uMX4wLjAwYzBmZmVlKjXWHHOB1-m5');
  });

  test('is wrong for another key, also one that reads the same', () => {
    for (const other of [
      keyRef('default', 'cart:8'),
      keyRef('default:cart', '7'),
      keyRef('defaultcart', ':7'),
    ]) {
      expect(decodeContext(token, other, secret)).toBe('wrong');
    }
  });

  test('is wrong in another cluster, by id or by secret', () => {
    expect(decodeContext(token, ref, contextSecret('0123456789abcdee', 'hush'))).toBe('wrong');
    expect(decodeContext(token, ref, contextSecret('0123456789abcdef', 'hus'))).toBe('wrong');
    expect(decodeContext(token, ref, contextSecret('0123456789abcdefh', 'ush'))).toBe('wrong');
  });

  test('with any one bit changed is refused', () => {
    const bytes = fromBase64url(token)!;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodeContext(toBase64url(flipped), ref, secret)).toBe(bit < 8 ? 'malformed' : 'wrong');
    }
  });

  test('cut short anywhere is refused', () => {
    for (let end = 0; end < token.length; end++) {
      expect(['malformed', 'wrong']).toContain(decodeContext(token.slice(0, end), ref, secret));
    }
  });

  test('cannot be made to cover a write that nobody has made', () => {
    const ahead = fromBase64url(token)!;
    const counterAt = ahead.length - 9;
    expect(ahead[counterAt]).toBe(context.clock[0]!.counter);
    ahead[counterAt]! += 1;
    expect(decodeContext(toBase64url(ahead), ref, secret)).toBe('wrong');
  });

  test.each([
    '',
    '!',
    'A',
    `${token}=`,
    ` ${token}`,
    `${token}A`,
    'null',
    '{}',
    'Ag',
    '\ud800',
    'é'.repeat(40),
  ])('%j is refused', (text) => {
    expect(['malformed', 'wrong']).toContain(decodeContext(text, ref, secret));
  });

  test('is refused in another spelling of the same bytes', () => {
    const odd = encodeContext({ clock: [], hlc: 1 as Hlc }, ref, secret);
    expect(odd.length % 4).not.toBe(0);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(odd.at(-1)!);
    expect(decodeContext(odd.slice(0, -1) + alphabet[last + 1], ref, secret)).toBe('malformed');
    expect(decodeContext(odd, ref, secret)).toEqual({ clock: [], hlc: 1 });
  });

  test('whatever the text, the answer is a context or a refusal', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array().map(toBase64url)), (text) => {
        expect(['malformed', 'wrong']).toContain(decodeContext(text, ref, secret));
      }),
      { numRuns: 500 },
    );
  });
});

describe('bounds', () => {
  test('as many actors as allowed pass, with the longest ids; one more does not (limits.contextActorsMax)', () => {
    const most = {
      clock: clockOf(limits.contextActorsMax, limits.actorBytesMax),
      hlc: Number.MAX_SAFE_INTEGER as Hlc,
    };
    const largest = encodeContext(most, ref, secret);
    expect(largest.length).toBeLessThanOrEqual(limits.contextCharsMax);
    expect(decodeContext(largest, ref, secret)).toEqual(most);
    const over = encodeContext({ ...most, clock: clockOf(limits.contextActorsMax + 1, 8) }, ref, secret);
    expect(decodeContext(over, ref, secret)).toBe('malformed');
    expect(
      decodeContext(encodeContext({ ...most, clock: clockOf(10_000, 8) }, ref, secret), ref, secret),
    ).toBe('malformed');
  });

  test('a text at the bound is judged by its tag, one over it is not even decoded (limits.contextCharsMax)', () => {
    const ofLength = (chars: number) => `AQ${'A'.repeat(chars - 2)}`;
    expect(decodeContext(ofLength(limits.contextCharsMax), ref, secret)).toBe('wrong');
    expect(decodeContext(ofLength(limits.contextCharsMax + 2), ref, secret)).toBe('malformed');
  });
});

describe('an entity tag', () => {
  test('is quoted, strong, and the same for equal records only', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (a, b) => {
        const merged = mergeRecords(a, b);
        expect(etagOf(ref, a)).toMatch(/^"[0-9a-f]{16}"$/);
        expect(etagOf(ref, merged)).toBe(etagOf(ref, mergeRecords(b, a)));
        expect(etagOf(ref, merged) === etagOf(ref, a)).toBe(sameRecord(merged, a));
      }),
    );
  });

  test('differs between records that have seen the same and hold different writes', () => {
    const write = (actor: string, hlc: number): Sibling => ({
      dot: { actor: actor as ActorId, counter: 1 },
      hlc: hlc as Hlc,
      value: null,
      scoped: false,
      expiresAt: 0,
      request: '',
    });
    const base = writeSibling(emptyRecord, [], write('a', 1));
    const [beside, instead] = [
      writeSibling(base, [], write('b', 2)),
      writeSibling(base, base.clock, write('b', 2)),
    ];
    expect(beside.clock).toEqual(instead.clock);
    expect(etagOf(ref, beside)).not.toBe(etagOf(ref, instead));
  });

  test('differs between keys', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(etagOf(ref, record)).not.toBe(etagOf(keyRef('default', 'cart:8'), record));
      }),
    );
  });
});
