import type { ApiErrorCode } from '@starling/api-types';
import { bucketCount } from '@starling/core';
import { bucketsWithoutQuorum } from './health.ts';
import type { NodeInspection } from './machine-port.ts';

/**
 * Why a request sent to this node would most likely be refused, or null: then clients should be sent here. Beside the
 * node's own state (a joining one forwards) it counts whether it knows a quorum of live replicas for most keys: not so
 * just after a restart, nor on the smaller side of a partition. Where fewer keys are lost all nodes lose the same, so
 * that turning clients away would help nobody.
 */
export function unreadiness(
  view: NodeInspection,
): { readonly code: ApiErrorCode; readonly message: string } | null {
  const { state, stateReason, storage, ring } = view;
  const message = `${state}: ${stateReason}`;
  if (storage.failed) return { code: 'storage_failed', message };
  if (state === 'recovering') return { code: 'recovering', message };
  if (state === 'stopping') return { code: 'shutting_down', message };
  if (ring === null || state === 'booting') return { code: 'not_ready', message };
  if (2 * bucketsWithoutQuorum(view) < bucketCount) return null;
  return { code: 'not_ready', message: 'no quorum of live replicas is known for most keys' };
}
