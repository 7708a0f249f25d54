import type { SourcePatch } from '../cli/bundle.ts';
import type { InvariantId } from '../sim/violation.ts';

/** One known bug, put back into the core: what the simulator must catch to be worth trusting. */
export interface Mutation {
  readonly name: string;
  /** What is wrong once the patches are in, and where the field has met it. */
  readonly bug: string;
  readonly patches: readonly SourcePatch[];
  /** Invariants that this bug breaks. Another one may be broken first: it is named all the same when it is. */
  readonly expected: readonly InvariantId[];
}
