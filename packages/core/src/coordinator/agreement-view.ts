/** What the answers of a prepare's majority say, beside the value itself. */
import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { AppliedRequest, Dot, KeyVote, StoredRecord } from '../causality/record.ts';
import { covers } from '../causality/version-vector.ts';
import { type Found, standsBy } from '../paxos/key-found.ts';
import type { ReplicaSet } from '../ring/ring.ts';
import { Quorum } from './quorum.ts';

/** What a majority says the value of the key is. */
export interface AgreementView {
  readonly value: StoredRecord;
  /** The value was accepted under a ballot; otherwise it is the merge of plain writes. */
  readonly agreed: boolean;
  /** Requests that are in the value, as far as its replicas remember. */
  readonly applied: readonly AppliedRequest[];
}

/** What one replica said with its promise. */
export interface PromiseGiven {
  readonly node: NodeId;
  readonly record: StoredRecord;
  readonly applied: Dot | null;
}

/** Whether a majority has said that it accepted what was found, and had promised nothing higher when it said so. */
export function isChosen(found: Found, set: ReplicaSet, replies: readonly PromiseGiven[]): boolean {
  const quorum = new Quorum(set, 'quorum');
  for (const { node, record } of replies) if (standsBy(record, found.accepted)) quorum.ack(node);
  return quorum.satisfied;
}

/** Requests that are in the value found, oldest first. */
export function requestsIn({ value, recent }: Found): AppliedRequest[] {
  const requests = [...recent];
  for (const { request, dot } of value.siblings) {
    if (request !== '' && !requests.some((known) => known.request === request))
      requests.push({ request, dot });
  }
  return requests;
}

/**
 * The requests that the next value must carry, made from what was found. If that is known to be chosen, its majority
 * remembers what was settled in it, and all else that is in it is settled now; if not, nothing more is known than before.
 */
export function carriedOn(
  found: Found,
  known: boolean,
  next: StoredRecord,
): Pick<KeyVote, 'recent' | 'settled'> {
  const requests = requestsIn(found);
  if (known) {
    const settled = requests.slice(found.settled).slice(-limits.recentRequestsMax);
    return { recent: settled, settled: settled.length };
  }
  const shown = new Set(next.siblings.map(({ request }) => request));
  const recent = requests.filter(({ request }, at) => at < found.settled || !shown.has(request));
  return { recent, settled: found.settled };
}

/**
 * The replicas' memory of one request. The write they remember counts only if it is in what was found: a plain write may
 * have been stored by a few and then been left behind.
 */
export function remembered(
  { value }: Found,
  request: string,
  replies: readonly PromiseGiven[],
): AppliedRequest[] {
  const dot = replies.find(({ applied }) => applied !== null && covers(value.clock, applied))?.applied;
  return dot === undefined || dot === null ? [] : [{ request, dot }];
}
