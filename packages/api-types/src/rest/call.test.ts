import { describe, expect, test } from 'vitest';
import { operationIds, operationOf } from '../operations/index.ts';
import { restCall } from './call.ts';
import { readInput } from './input.ts';
import { findRoute } from './route.ts';
import { splitTarget } from './target.ts';

describe.each(operationIds.filter((id) => operationOf(id).examples.length > 0))('%s', (id) => {
  test.each(operationOf(id).examples)('reads back $name as it was written', ({ input }) => {
    const call = restCall(id, input as never); // The example is this operation's own.
    const { path, query } = splitTarget(call.target);
    const route = findRoute(call.method, path);
    expect(route).toMatchObject({ kind: 'found', id });
    const rest = route.kind === 'found' ? route.rest : null;
    const read = readInput(id, { rest, query, header: (name) => call.headers[name], body: call.body });
    expect(read).toEqual({ ok: true, output: input });
  });
});

test('the key is escaped so that nothing on the way can change it', () => {
  expect(restCall('data.get', { key: 'a/../b c' }).target).toBe('/api/v1/data/a%2F%2E%2E%2Fb%20c');
});
