/** Contexts as clients carry them: the tokens of the real edge, bound to one key of one cluster. */
import { contextSecret, decodeContext, encodeContext } from '@starling/core/causality/context-token.ts';
import type { CausalContext } from '@starling/core/coordinator/request.ts';
import type { KeyRef } from '@starling/core/ring/key.ts';
import type { SipKey } from '@starling/core/ring/siphash.ts';

export class Tokens {
  readonly #secret: SipKey;

  constructor(clusterId: string) {
    this.#secret = contextSecret(clusterId, 'simulated');
  }

  encode(context: CausalContext, ref: KeyRef): string {
    return encodeContext(context, ref, this.#secret);
  }

  /** The context in a token, or null if the edge of a node would refuse it for this key. */
  decode(token: string, ref: KeyRef): CausalContext | null {
    const context = decodeContext(token, ref, this.#secret);
    return typeof context === 'string' ? null : context;
  }
}
