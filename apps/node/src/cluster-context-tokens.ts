import type { CausalContext, KeyRef } from '@starling/core';
import { contextSecret, decodeContext, encodeContext } from '@starling/core/causality/context-token.ts';
import type { ContextTokens } from './service/context-tokens.ts';

type TokenKey = ReturnType<typeof contextSecret>;

/** Context tokens tagged under the key of the cluster that this node belongs to, so that no other cluster takes them. */
export class ClusterContextTokens implements ContextTokens {
  readonly #clusterId: () => string;
  readonly #clusterSecret: string;
  #known: { readonly clusterId: string; readonly key: TokenKey } | null = null;

  constructor(clusterId: () => string, clusterSecret: Uint8Array) {
    this.#clusterId = clusterId;
    this.#clusterSecret = Buffer.from(clusterSecret).toString('base64');
  }

  encode(ref: KeyRef, context: CausalContext): string {
    return encodeContext(context, ref, this.#key());
  }

  decode(ref: KeyRef, token: string): CausalContext | null {
    const context = decodeContext(token, ref, this.#key());
    return typeof context === 'string' ? null : context;
  }

  #key(): TokenKey {
    const clusterId = this.#clusterId();
    if (this.#known?.clusterId === clusterId) return this.#known.key;
    const key = contextSecret(clusterId, this.#clusterSecret);
    this.#known = { clusterId, key };
    return key;
  }
}
