'use client';

import type { AppRouter } from '@starling/api-types';
import { createTRPCContext } from '@trpc/tanstack-react-query';

/** Typed access to a node's procedures: `useTRPC` for TanStack Query's options, `useTRPCClient` for direct calls. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();
