import { type CallInputOf, type OperationId, operationOf } from '../operations/index.ts';
import { pathField } from './route.ts';
import { pathOfKey } from './target.ts';

/** An operation's call as an HTTP request: what `curl` would be told. The opposite of `readInput`. */
export interface RestCall {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Writes an input to the places where REST carries its fields; a field that has two goes in the body. */
export function restCall<Id extends OperationId>(id: Id, input: CallInputOf<Id>): RestCall {
  const { rest } = operationOf(id);
  const fields = Object.entries(input ?? {}).filter(([, value]) => value !== undefined);
  const inBody = fields.filter(([name]) => rest.body?.fields.includes(name) === true);
  const query = fields
    .filter(([name]) => rest.query?.[name] !== undefined && rest.body?.fields.includes(name) !== true)
    .map(([name, value]) => `${name}=${encodeURIComponent(value === true ? '1' : String(value))}`);
  const headers: Record<string, string> =
    rest.body === undefined ? {} : { 'content-type': 'application/json' };
  for (const [name, value] of fields) {
    const header = rest.headers?.[name];
    if (header !== undefined) headers[header] = String(value);
  }
  const inPath = pathField(rest.path);
  const named = fields.find(([name]) => name === inPath);
  const path = rest.path.replace(`{${inPath}}`, () => pathOfKey(String(named?.[1] ?? '')));
  return {
    method: rest.method,
    target: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers,
    body: rest.body === undefined ? null : JSON.stringify(Object.fromEntries(inBody)),
  };
}
