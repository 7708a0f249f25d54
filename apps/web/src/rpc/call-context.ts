/** Where the console's server takes tRPC calls and hands them to a node. */
export const rpcPath = '/rpc';

/** Header that names the one node a call must go through; without it the server chooses. */
export const throughHeader = 'x-starling-through';
/** Header that names the node to try first: the one this tab listens to, which is known to live. */
export const nearHeader = 'x-starling-near';
/** Header that says how long the caller waits, in ms, so that the server does not give up before the node does. */
export const patienceHeader = 'x-starling-patience-ms';

/** What a call says beside its input. */
export interface CallContext {
  readonly through?: string | null;
  readonly patienceMs?: number | null;
}

/** The headers of a call. tRPC carries the context as an open record, so each field is looked at. */
export function callHeaders(
  context: Readonly<Record<string, unknown>>,
  near: string | null,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (near !== null) headers[nearHeader] = near;
  if (typeof context['through'] === 'string') headers[throughHeader] = context['through'];
  if (typeof context['patienceMs'] === 'number') headers[patienceHeader] = String(context['patienceMs']);
  return headers;
}
