import { TRPCError } from '@trpc/server';
import { expect, test } from 'vitest';
import { failed } from './errors.ts';
import { operationIds, operationOf } from './operations/index.ts';
import { appRouter } from './router.ts';
import type { NodeService } from './service.ts';

const calls: unknown[] = [];
const service: NodeService = {
  async call(id, input) {
    calls.push([id, input]);
    return { ok: false, error: failed('quorum_unavailable', 'needed 2, one answered', { needed: 2 }) };
  },
};
const caller = appRouter.createCaller({ service, info: { requestId: 'r-1' } });

test('has a procedure for each operation that tRPC serves, and no other', () => {
  const ids = operationIds.filter((id) => operationOf(id).kind !== 'none');
  expect(Object.keys(appRouter._def.procedures).sort()).toEqual([...ids].sort());
});

test('hands the validated input to the service and its error to the caller', async () => {
  await expect(caller.data.get({ key: 'k', r: 2 })).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: 'needed 2, one answered',
    error: { code: 'quorum_unavailable', details: { needed: 2 } },
  });
  expect(calls.at(-1)).toEqual(['data.get', { key: 'k', r: 2 }]);
});

test('refuses what the schema refuses before the service sees it', async () => {
  const seen = calls.length;
  await expect(caller.data.get({ key: '' })).rejects.toMatchObject({ error: { code: 'invalid_key' } });
  const withOwner = { key: 'k', value: 1, owner: 'me' };
  await expect(caller.data.put(withOwner)).rejects.toBeInstanceOf(TRPCError);
  expect(calls).toHaveLength(seen);
});
