import { unreachable } from '../base/assert.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Refusal } from './host.ts';

/** What a client is told when the replica on this node could not take part. */
export function refusalCode(why: Refusal): ErrorCode {
  switch (why) {
    case 'diskFull':
      return 'disk_full';
    case 'recovering':
    case 'corrupt':
    case 'overloaded':
      return why;
    case 'staleEpoch':
    case 'unknownEpoch':
    case 'notReplica':
    case 'promised':
    case 'outbid':
    case 'uncovered':
      return 'not_ready';
    default:
      return unreachable(why);
  }
}
