import { z } from 'zod';
import { apiLimits } from '../limits.ts';
import { isWellFormed } from '../text.ts';

/** Any JSON document. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/**
 * What is wrong with `value` as a document of at most `depthMax` levels, or null. Walks with a stack of its own:
 * recursion over hostile input is what makes zod's own `z.json()` throw at a depth of 20 000.
 */
export function jsonProblem(value: unknown, depthMax: number = apiLimits.jsonDepthMax): string | null {
  if (typeof value !== 'object' || value === null) return scalarProblem(value);
  const stack: { readonly node: object; readonly depth: number }[] = [{ node: value, depth: 1 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top.depth > depthMax) return `deeper than ${depthMax} levels`;
    for (const [name, child] of Object.entries(top.node)) {
      if (!isWellFormed(name)) return 'a field name has half of a surrogate pair';
      if (typeof child === 'object' && child !== null) stack.push({ node: child, depth: top.depth + 1 });
      else {
        const problem = scalarProblem(child);
        if (problem !== null) return problem;
      }
    }
  }
  return null;
}

function scalarProblem(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return isWellFormed(value) ? null : 'a string has half of a surrogate pair';
    case 'number':
      return Number.isFinite(value) ? null : 'a number is not finite';
    case 'boolean':
      return null;
    default:
      return value === null ? null : 'not JSON';
  }
}

/**
 * A value as a client gives it. The cast is the edge's one claim: what passed `jsonProblem` is a `JsonValue`.
 * Its size is bounded where it is encoded, in bytes.
 */
export const jsonValueSchema = z
  .unknown()
  .superRefine((value, context) => {
    const problem = value === undefined ? 'required' : jsonProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({
    id: 'JsonValue',
    description: 'Any JSON of at most 1 MiB and 32 levels.',
  }) as unknown as z.ZodType<JsonValue, JsonValue>;

/** A stored value as it comes back: already judged when it was written. */
export const storedValueSchema = z
  .unknown()
  .meta({ description: 'The stored JSON.' }) as unknown as z.ZodType<JsonValue, JsonValue>;
