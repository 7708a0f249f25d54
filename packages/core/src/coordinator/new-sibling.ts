import type { Hlc } from '../base/ids.ts';
import type { Dot, Sibling } from '../causality/record.ts';
import type { CoordinatorHost } from './host.ts';
import type { CausalContext, DeleteRequest, PutRequest } from './request.ts';

/**
 * What a write adds to its key: with a timestamp above `above`, which is that of all it replaces, under the tag of its
 * request. A delete that says what it has seen (`context`) removes only that.
 */
export function newSibling(
  { hlc, wallMs }: CoordinatorHost,
  request: PutRequest | DeleteRequest,
  dot: Dot,
  above: Hlc,
  tag: string,
  context: CausalContext | null,
): Sibling {
  return {
    dot,
    hlc: hlc.issue(wallMs(), above),
    value: request.kind === 'put' ? request.value : null,
    scoped: request.kind === 'delete' && context !== null,
    expiresAt: request.kind === 'put' ? request.expiresAt : 0,
    request: tag,
  };
}
