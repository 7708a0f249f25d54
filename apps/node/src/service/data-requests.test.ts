import { expect, it } from 'vitest';
import { encodeValue } from './data-requests.ts';

it('gives each value memory of its own, since a record may keep it for long', () => {
  for (const value of ['', 'short', { nested: ['ü', 1, null] }, 'x'.repeat(100_000)]) {
    const bytes = encodeValue(value);
    if (!bytes.ok) throw new Error('refused');
    expect(bytes.output.buffer.byteLength).toBe(bytes.output.byteLength);
    expect(JSON.parse(Buffer.from(bytes.output).toString())).toEqual(value);
  }
});
