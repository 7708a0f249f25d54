import type { SourcePatch } from '../cli/bundle.ts';
import type { InvariantId } from '../sim/violation.ts';

/** A story of `src/scenarios`, by its file and its whole name. */
export interface Scenario {
  readonly file: string;
  readonly story: string;
}

/** One known bug, put back into the core: what the simulator must catch to be worth trusting. */
export interface Mutation {
  readonly name: string;
  /** What is wrong once the patches are in, and where the field has met it. */
  readonly bug: string;
  readonly patches: readonly SourcePatch[];
  /** Invariants that this bug breaks: another one that breaks first is no catch. */
  readonly expected: readonly InvariantId[];
  /** Fails with the patches in. Told where no lifetime of the hunt shows the bug, because what it needs is too rare. */
  readonly scenario?: Scenario;
}
