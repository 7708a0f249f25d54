/** A broken invariant: the node must stop, because what it would do next cannot be trusted. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Stops the node unless `condition` holds. `law` says the rule that was broken, as a sentence. */
export function assert(condition: boolean, law: string): asserts condition {
  if (!condition) throw new InvariantError(law);
}

/** The end of a `switch` over a union: reaching it means a case was forgotten. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable case: ${String(value)}`);
}
