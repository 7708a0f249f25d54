import { type OperationId, operationIds, operationOf } from '../operations/index.ts';

/** What a method and a path lead to. */
export type Route =
  | {
      readonly kind: 'found';
      readonly id: OperationId /** What the braces stand for, still encoded. */;
      readonly rest: string | null;
    }
  | { readonly kind: 'wrongMethod'; readonly allow: string }
  | { readonly kind: 'nothing' };

type ByMethod = Map<string, OperationId>;

const exact = new Map<string, ByMethod>();
/** Paths that end in a field in braces, without it. */
const prefixes = new Map<string, ByMethod>();

for (const id of operationIds) {
  const { method, path } = operationOf(id).rest;
  const brace = path.indexOf('{');
  const [map, name] = brace < 0 ? [exact, path] : [prefixes, path.slice(0, brace)];
  const byMethod: ByMethod = map.get(name) ?? new Map();
  byMethod.set(method, id);
  map.set(name, byMethod);
}

/** The field that stands in braces in an operation's path; null if none does. */
export function pathField(path: string): string | null {
  return /\{(\w+)\}/.exec(path)?.[1] ?? null;
}

/** Finds the operation at an encoded path. HEAD is answered wherever GET is. */
export function findRoute(method: string, path: string): Route {
  const whole = exact.get(path);
  if (whole !== undefined) return choose(whole, method, null);
  for (const [prefix, byMethod] of prefixes) {
    if (path.startsWith(prefix)) return choose(byMethod, method, path.slice(prefix.length));
  }
  return { kind: 'nothing' };
}

function choose(byMethod: ByMethod, method: string, rest: string | null): Route {
  const id = byMethod.get(method === 'HEAD' ? 'GET' : method);
  return id === undefined ? { kind: 'wrongMethod', allow: allowOf(byMethod) } : { kind: 'found', id, rest };
}

function allowOf(byMethod: ByMethod): string {
  const methods = [...byMethod.keys()];
  if (byMethod.has('GET')) methods.push('HEAD');
  return [...methods, 'OPTIONS'].sort().join(', ');
}

/** The methods of a path for `Allow`, or null if there is nothing at it. */
export function allowedMethods(path: string): string | null {
  const route = findRoute('', path);
  return route.kind === 'wrongMethod' ? route.allow : null;
}
