import { keyRef } from '../ring/key.ts';

/**
 * A client's request id as it is stored and sent: 64 bits, whatever the client chose. Hashed like a key, under a table
 * name that no table can have. Empty for no id.
 */
export function requestTag(requestId: string | null): string {
  return requestId === null ? '' : keyRef('', requestId).hash;
}
