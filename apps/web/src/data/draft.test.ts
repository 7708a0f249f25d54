import { apiLimits, operations } from '@starling/api-types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Draft, emptyDraft, judge, readValue } from './draft.ts';

const draft: Draft = { ...emptyDraft, key: 'greeting', value: '"hello"' };

describe('a draft', () => {
  it('becomes a request that the contract accepts, whatever was typed', () => {
    const drafts: fc.Arbitrary<Draft> = fc.record({
      key: fc.string({ unit: 'binary', maxLength: 20 }),
      value: fc.oneof(fc.json(), fc.string()),
      context: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/)),
      useContext: fc.boolean(),
      level: fc.constantFrom('one', 'quorum', 'all', 'count'),
      count: fc.constantFrom('', '1', '7', '8', '-1', 'x'),
      ttl: fc.constantFrom('', '60', '0', '1e3', '999999999'),
      timeout: fc.constantFrom('', '100', '60001'),
      requestId: fc.constantFrom('', 'login-1', 'a b', 'é'),
      through: fc.constant(null),
    });
    fc.assert(
      fc.property(drafts, fc.constantFrom('get', 'put', 'delete'), (typed, operation) => {
        const judged = judge(typed, operation);
        if (!judged.ok) {
          expect(Object.keys(judged.errors).length).toBeGreaterThan(0);
          return;
        }
        const accepted = operations[`data.${operation}`].input.safeParse(judged.request.input);
        expect(accepted.error?.issues ?? []).toEqual([]);
      }),
    );
  });

  it('says at each field what is wrong', () => {
    const wrong: Draft = {
      ...draft,
      key: '',
      value: '{',
      level: 'count',
      count: '9',
      ttl: '0',
      timeout: 'soon',
      requestId: 'a b',
    };
    const judged = judge(wrong, 'put');
    expect(judged.ok ? [] : Object.keys(judged.errors).sort()).toEqual([
      'count',
      'key',
      'requestId',
      'timeout',
      'ttl',
      'value',
    ]);
  });

  it('carries the context only when it is there and wanted', () => {
    const seen = { ...draft, context: 'abc' };
    const input = (change: Partial<Draft>) => {
      const judged = judge({ ...seen, ...change }, 'put');
      return judged.ok ? judged.request.input : null;
    };
    expect(input({})).toMatchObject({ context: 'abc' });
    expect(input({ useContext: false })).not.toHaveProperty('context');
    expect(input({ context: null })).not.toHaveProperty('context');
  });

  it('ignores a value that is not to be written', () => {
    expect(judge({ ...draft, value: 'no json' }, 'get').ok).toBe(true);
    expect(judge({ ...draft, value: 'no json' }, 'delete').ok).toBe(true);
  });
});

describe('a value', () => {
  it.each(['""', '0', 'null', 'false', '[]', '{"__proto__": 1}'])('may be %s', (text) => {
    expect(readValue(text)).toHaveProperty('value');
  });

  it('is refused where a node would refuse it', () => {
    expect(readValue('   ')).toHaveProperty('error');
    expect(readValue('{"a": 1,}')).toMatchObject({ error: expect.stringMatching(/^not JSON/) });
    expect(readValue('9007199254740993')).toMatchObject({ error: expect.stringContaining('double') });
    const deep = '['.repeat(apiLimits.jsonDepthMax + 1) + ']'.repeat(apiLimits.jsonDepthMax + 1);
    expect(readValue(deep)).toMatchObject({ error: expect.stringContaining('deeper') });
    const atBound = JSON.stringify('x'.repeat(apiLimits.valueBytesMax - 2));
    expect(readValue(atBound)).toHaveProperty('value');
    expect(readValue(JSON.stringify('x'.repeat(apiLimits.valueBytesMax - 1)))).toHaveProperty('error');
  });
});
