import type { LiveEvent } from '@starling/api-types';
import type { NodeEvent, NodeId } from '@starling/core';

/** An event of the machine as a sentence with its facts. `observer` is the node it happened on. */

type Told = Pick<LiveEvent, 'severity' | 'message' | 'nodeIds' | 'facts'>;

export function liveEvent(eventId: number, at: number, observer: NodeId, event: NodeEvent): LiveEvent {
  return { eventId, at, kind: event.type, ...tell(observer, event) };
}

function tell(observer: NodeId, event: NodeEvent): Told {
  switch (event.type) {
    case 'member': {
      const { nodeId, status } = event;
      const severity = status === 'alive' ? 'info' : 'warning';
      return { severity, message: `${nodeId} is ${status}`, nodeIds: [nodeId], facts: { status } };
    }
    case 'ring': {
      const { epoch, reason } = event;
      return {
        severity: 'info',
        message: `ring epoch ${epoch}: ${reason}`,
        nodeIds: [observer],
        facts: { epoch },
      };
    }
    case 'transfer': {
      const { from, to, bucketsDone, bucketsTotal, bytes } = event;
      const message = `${to} has ${bucketsDone} of ${bucketsTotal} buckets from ${from}`;
      return { severity: 'info', message, nodeIds: [from, to], facts: { bucketsDone, bucketsTotal, bytes } };
    }
    case 'hint': {
      const { target, pending, change } = event;
      const message =
        change === 'kept' ? `a write is kept for ${target}` : `kept writes delivered to ${target}`;
      return { severity: 'info', message, nodeIds: [target], facts: { pending, change } };
    }
    case 'repair': {
      const { key, replica } = event;
      return {
        severity: 'info',
        message: `${replica} was behind and was sent a record`,
        nodeIds: [replica],
        facts: { key },
      };
    }
    case 'state': {
      const { state, reason } = event;
      const severity = state === 'recovering' ? 'warning' : 'info';
      return {
        severity,
        message: `${observer} is ${state}: ${reason}`,
        nodeIds: [observer],
        facts: { state },
      };
    }
    case 'corrupt':
      return {
        severity: 'critical',
        message: `a record of ${observer} is damaged`,
        nodeIds: [observer],
        facts: { row: event.row },
      };
    case 'warning': {
      const { code, message } = event;
      return { severity: 'warning', message, nodeIds: [observer], facts: { code } };
    }
    default:
      return event satisfies never;
  }
}
