import { type OperationId, restCall } from '@starling/api-types';
import type { DataRequest } from './request.ts';

/** Makes any text one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function idOf(request: DataRequest): OperationId {
  return `data.${request.operation}`;
}

/** The request as a command of curl against one node. */
export function asCurl(request: DataRequest, origin: string): string {
  const call = restCall(idOf(request), request.input);
  const parts = ['curl'];
  if (call.method !== 'GET') parts.push('-X', call.method);
  parts.push(shellWord(`${origin}${call.target}`));
  for (const [name, value] of Object.entries(call.headers)) parts.push('-H', shellWord(`${name}: ${value}`));
  if (call.body !== null && call.body !== '{}') parts.push('--data-binary', shellWord(call.body));
  return parts.join(' ');
}

/** The request as a call of the typed tRPC client. */
export function asRpc(request: DataRequest): string {
  const verb = request.operation === 'get' ? 'query' : 'mutate';
  return `await client.data.${request.operation}.${verb}(${JSON.stringify(request.input, null, 2)});`;
}
