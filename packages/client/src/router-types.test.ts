import type { AppRouter, Entry, JsonValue } from '@starling/api-types';
import { createTRPCClient, httpLink } from '@trpc/client';
import { expectTypeOf, test } from 'vitest';

/** The router is built by a loop, so its types are checked here: by the compiler, not by running anything. */

test('a plain tRPC client of the router is typed from the operation table', () => {
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: 'http://127.0.0.1:9' })] });
  type PutInput = Parameters<typeof client.data.put.mutate>[0];
  type Read = Awaited<ReturnType<typeof client.data.get.query>>;
  expectTypeOf<PutInput['value']>().toEqualTypeOf<JsonValue>();
  expectTypeOf<PutInput['consistency']>().toEqualTypeOf<'one' | 'quorum' | 'all' | undefined>();
  expectTypeOf<Read['context']>().toEqualTypeOf<string>();
  expectTypeOf<Read['siblings'][number]['dot']>().toEqualTypeOf<Entry['siblings'][number]['dot']>();
  expectTypeOf(client.cluster.status.query).toBeCallableWith();
  // @ts-expect-error: a value is required.
  expectTypeOf(client.data.put.mutate).toBeCallableWith({ key: 'k' });
  // @ts-expect-error: there is no such procedure.
  expectTypeOf(client.data.nope).toBeNever();
});
