import { apiLimits } from '@starling/api-types';
import { expect, test } from 'vitest';
import { SingleCopyMachine } from '../../test/single-copy-machine.ts';
import { encodeValue, getRequest, listRequest, putRequest } from './data-requests.ts';

class StoppedClock extends SingleCopyMachine {
  override now() {
    return { mono: 1000, wall: 5000 };
  }
}

const sources = {
  machine: new StoppedClock(),
  contexts: { encode: () => '', decode: () => null },
};

test('a request may take so long unless it says otherwise (apiLimits.requestDeadlineMs)', () => {
  const usual = 1000 + apiLimits.requestDeadlineMs;
  expect(getRequest(sources, { key: 'k' })).toMatchObject({ output: { deadlineAt: usual } });
  expect(listRequest(sources, {})).toMatchObject({ output: { deadlineAt: usual } });
  expect(putRequest(sources, { key: 'k', timeoutMs: 1 }, new Uint8Array(1))).toMatchObject({
    output: { deadlineAt: 1001 },
  });
});

test('each value has memory of its own, since a record may keep it for long', () => {
  for (const value of ['', 'short', { nested: ['ü', 1, null] }, 'x'.repeat(100_000)]) {
    const bytes = encodeValue(value);
    if (!bytes.ok) throw new Error('refused');
    expect(bytes.output.buffer.byteLength).toBe(bytes.output.byteLength);
    expect(JSON.parse(Buffer.from(bytes.output).toString())).toEqual(value);
  }
});
