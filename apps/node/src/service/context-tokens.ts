import type { CausalContext, KeyRef } from '@starling/core';

/** Turns what a client has seen into a token it can carry, and back. */
export interface ContextTokens {
  encode(ref: KeyRef, context: CausalContext): string;
  /** null for a token that is damaged, or was given for another key or cluster. */
  decode(ref: KeyRef, token: string): CausalContext | null;
}
