import { type ErrorBody, errorBodySchema } from '@starling/api-types';
import { TRPCClientError } from '@trpc/client';

/**
 * Any failure of a call as the one error shape. What never reached a node, or came back unreadable, has an unknown
 * outcome: the console does not claim that nothing happened.
 */
export function problemOf(error: unknown): ErrorBody {
  if (error instanceof TRPCClientError) {
    const told = errorBodySchema.safeParse(error.data?.error);
    if (told.success) return told.data;
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'no_node_reachable',
    message: `The console's server gave no answer: ${message}`,
    outcome: 'unknown',
    requestId: '',
  };
}
