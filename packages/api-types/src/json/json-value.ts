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
  const waiting: Waiting = { nodes: [value], depths: [1] };
  for (let node = waiting.nodes.pop(); node !== undefined; node = waiting.nodes.pop()) {
    const depth = waiting.depths.pop() ?? 0;
    if (depth > depthMax) return `deeper than ${depthMax} levels`;
    const problem = Array.isArray(node)
      ? itemsProblem(node, depth + 1, waiting)
      : fieldsProblem(node, depth + 1, waiting);
    if (problem !== null) return problem;
  }
  return null;
}

/** Arrays and objects that were met and not looked into yet, with their levels. */
interface Waiting {
  readonly nodes: object[];
  readonly depths: number[];
}

/** A value of 1 MiB may have half a million items: nothing may be made for each of them. */
function itemsProblem(items: readonly unknown[], depth: number, waiting: Waiting): string | null {
  for (let i = 0; i < items.length; i++) {
    const problem = childProblem(items[i], depth, waiting);
    if (problem !== null) return problem;
  }
  return null;
}

function fieldsProblem(node: object, depth: number, waiting: Waiting): string | null {
  for (const name of Object.keys(node)) {
    if (!isWellFormed(name)) return 'a field name has half of a surrogate pair';
    const problem = childProblem(Reflect.get(node, name), depth, waiting);
    if (problem !== null) return problem;
  }
  return null;
}

function childProblem(child: unknown, depth: number, waiting: Waiting): string | null {
  if (typeof child !== 'object' || child === null) return scalarProblem(child);
  waiting.nodes.push(child);
  waiting.depths.push(depth);
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
