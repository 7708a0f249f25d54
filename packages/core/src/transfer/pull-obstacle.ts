import { unreachable } from '../base/assert.ts';
import type { ReplicaResult } from '../node/messages.ts';

/** Why nothing comes: what the last source that gave nothing said of itself. */
export type PullObstacle =
  | 'paused'
  | 'unreachable'
  | 'recovering'
  | 'damaged'
  | 'behind'
  | 'overloaded'
  | 'disk';

/** What an answer stands in the way of; null is no answer at all. */
export function obstacleOf(result: ReplicaResult | null): PullObstacle | null {
  switch (result) {
    case 'ok':
      return null;
    case null:
      return 'unreachable';
    case 'recovering':
      return 'recovering';
    case 'corrupt':
      return 'damaged';
    case 'overloaded':
      return 'overloaded';
    case 'diskFull':
      return 'disk';
    case 'staleEpoch':
    case 'unknownEpoch':
    case 'notReplica':
      return 'behind';
    // What is said of votes alone; no source says so of a page.
    case 'promised':
    case 'outbid':
    case 'uncovered':
      return 'behind';
    default:
      return unreachable(result);
  }
}
