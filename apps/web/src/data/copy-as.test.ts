import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asCurl, asRpc, shellWord } from './copy-as.ts';

describe('copying a request', () => {
  it('quotes any text so that a shell reads it back', () => {
    const texts = fc
      .sample(fc.string({ unit: 'grapheme', maxLength: 40 }), 50)
      .map((text) => text.replaceAll('\0', ''));
    const script = texts.map((text) => `printf '%s\\0' ${shellWord(text)}`).join('\n');
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(stdout.split('\0').slice(0, -1)).toEqual(texts);
  });

  it('writes curl as the contract has it', () => {
    const input = { key: "it's/a key", value: { a: "b'c" }, consistency: 'all' as const, explain: true };
    const curl = asCurl({ operation: 'put', input }, 'http://127.0.0.1:8081');
    expect(curl).toContain('-X PUT');
    expect(curl).toContain('/api/v1/data/');
    expect(curl).toContain('consistency=all');
    expect(curl).toContain('content-type: application/json');
    expect(curl).toContain(`{"value":{"a":"b'\\''c"}}`);
    expect(asCurl({ operation: 'get', input: { key: 'a' } }, 'http://127.0.0.1:8081')).toBe(
      'curl http://127.0.0.1:8081/api/v1/data/a',
    );
  });

  it('writes a call of the typed client', () => {
    expect(asRpc({ operation: 'get', input: { key: 'a' } })).toMatch(/^await client\.data\.get\.query\(\{/);
    expect(asRpc({ operation: 'delete', input: { key: 'a' } })).toMatch(
      /^await client\.data\.delete\.mutate\(/,
    );
  });
});
