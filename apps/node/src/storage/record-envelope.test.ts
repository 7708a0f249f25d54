import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envelopeBytes, openRow, sealRow } from './record-envelope.ts';

const row = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const payload = fc.uint8Array({ maxLength: 200 });

describe('the envelope of a row', () => {
  it('gives back what was put in, under the same row', () => {
    fc.assert(
      fc.property(row, payload, (name, bytes) => {
        const sealed = sealRow(name, bytes);
        expect(sealed.length).toBe(bytes.length + envelopeBytes);
        expect(openRow(name, sealed)).toEqual(bytes);
      }),
    );
  });

  it('finds any flipped bit, in header and payload alike', () => {
    fc.assert(
      fc.property(row, payload, fc.nat(), fc.nat(7), (name, bytes, at, bit) => {
        const sealed = sealRow(name, bytes);
        sealed[at % sealed.length]! ^= 1 << bit;
        expect(openRow(name, sealed)).toBe('corrupt');
      }),
    );
  });

  it('finds that bytes belong to another row', () => {
    fc.assert(
      fc.property(row, row, payload, (name, other, bytes) => {
        fc.pre(name !== other);
        expect(openRow(other, sealRow(name, bytes))).toBe('corrupt');
      }),
    );
  });

  it('finds bytes cut off or added', () => {
    fc.assert(
      fc.property(row, payload, fc.nat(), (name, bytes, cut) => {
        const sealed = sealRow(name, bytes);
        expect(openRow(name, sealed.subarray(0, cut % sealed.length))).toBe('corrupt');
        expect(openRow(name, Buffer.concat([sealRow(name, bytes), Buffer.of(0)]))).toBe('corrupt');
      }),
    );
  });

  it('stays as it is written on disks', () => {
    const sealed = sealRow('d/0123456789abcdef/default/ключ', Buffer.from('value'));
    expect(sealed.toString('hex')).toBe('018e6d0adc76616c7565');
  });
});
