'use client';

import type { AppRouter } from '@starling/api-types';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpLink } from '@trpc/client';
import { type ReactNode, useState } from 'react';
import { type Live, useLiveParts } from '../live/live-provider.tsx';
import { callHeaders, rpcPath } from './call-context.ts';
import { TRPCProvider } from './trpc.ts';

function createClients({ store }: Live) {
  const queries = new QueryClient({
    // The live stream says when something changed; asking again on focus would only hide which node answered when.
    defaultOptions: { queries: { refetchOnWindowFocus: false, retry: 1, staleTime: 5000 } },
  });
  const rpc = createTRPCClient<AppRouter>({
    links: [httpLink({ url: rpcPath, headers: ({ op }) => callHeaders(op.context, store.view().observer) })],
  });
  return { queries, rpc };
}

/** tRPC with TanStack Query over this console's own origin. */
export function RequestsProvider({ children }: { readonly children: ReactNode }) {
  const live = useLiveParts();
  const [{ queries, rpc }] = useState(() => createClients(live));
  return (
    <QueryClientProvider client={queries}>
      <TRPCProvider trpcClient={rpc} queryClient={queries}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
