/** What answers each kind of inquiry. */
import { treeNodes } from '../../antientropy/tree-nodes.ts';
import { unreachable } from '../../base/assert.ts';
import type { Finding, Inquiry, SyncInquiry, TreeFinding, TreeInquiry } from '../inquiry.ts';
import type { Parts } from '../parts.ts';
import { versionsOf } from './antientropy.ts';
import { clockOf } from './clock.ts';

/** Answers an inquiry, once. */
export function answerInquiry(parts: Parts, inquiry: Inquiry, found: (finding: Finding) => void): void {
  const { kind } = inquiry;
  switch (kind) {
    case 'clock':
      return clockOf(parts, inquiry.of, (clock) => found({ kind, clock }));
    case 'events':
      return parts.events.page(inquiry.after, inquiry.limit, (page) => found({ kind, ...page }));
    case 'tree':
      return found(treeOf(parts, inquiry));
    case 'differences':
      return parts.antiEntropy.differences(
        inquiry.peer,
        inquiry,
        (...asked) => versionsOf(parts, ...asked),
        (differences) => found({ kind, ...differences }),
      );
    case 'sync':
      return found(syncOf(parts, inquiry));
    default:
      return unreachable(inquiry);
  }
}

function treeOf(
  { consensus, tree, antiEntropy }: Parts,
  { kind, range, depth, limit }: TreeInquiry,
): TreeFinding {
  const { leaves, progress } = tree;
  const epoch = consensus.current()?.epoch ?? 0;
  if (leaves === null) return { kind, epoch, progress, nodes: [], next: null };
  const sharers = (part: typeof range) => antiEntropy.sharers(part);
  return { kind, epoch, progress, ...treeNodes(leaves, sharers, range, depth, limit) };
}

function syncOf({ antiEntropy: { syncs } }: Parts, { kind, order }: SyncInquiry): Finding {
  const begun = order === null ? null : syncs.begin(order);
  return { kind, begun, syncs: syncs.list() };
}
