import { unreachable } from '../base/assert.ts';
import type { SwimNotice } from '../membership/options.ts';

/** What membership wants an operator to know, as a sentence. */
export function noticeText(notice: SwimNotice): string {
  switch (notice.type) {
    case 'nodeIdInUse':
      return `${notice.address} claims the node id ${notice.nodeId}, which ${notice.holder} holds: it was not let in`;
    case 'refused':
      return `${notice.by} does not let this node in: ${notice.reason}`;
    case 'replaced':
      return `${notice.holder} has taken this node's id over: this node has left the cluster`;
    case 'nodeIdHeld':
      return `${notice.holder} holds this node's id and answers: this node may not run beside it`;
    case 'foreignCluster':
      return `${notice.address} belongs to another cluster (${notice.clusterId})`;
    case 'membersFull':
      return `the member list is full: ${notice.nodeId} was not taken in`;
    case 'udpUnreachable':
      return `${notice.nodeId} answers over TCP only: its UDP port is closed or filtered`;
    case 'implausibleIncarnation':
      return `an incarnation of ${notice.nodeId} far above the known one was ignored (${notice.incarnation})`;
    case 'incarnationExhausted':
      return 'this node cannot raise its incarnation any further and needs a new data directory';
    default:
      return unreachable(notice);
  }
}
