import type { LiveEvent } from '@starling/api-types';
import type { NodeEvent, NodeId } from '@starling/core';

/**
 * An event of the machine as a sentence with its facts. `observer` is the node it happened on, `count` how many events
 * of its kind it stands for, of which it is the newest.
 */

type Told = Pick<LiveEvent, 'severity' | 'message' | 'nodeIds' | 'facts'>;

export function liveEvent(
  eventId: number,
  at: number,
  observer: NodeId,
  event: NodeEvent,
  count: number,
): LiveEvent {
  const { facts, ...told } = tell(observer, event, count);
  return { eventId, at, kind: event.type, ...told, facts: count > 1 ? { ...facts, count } : facts };
}

function tell(observer: NodeId, event: NodeEvent, count: number): Told {
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
        change === 'kept'
          ? `${count === 1 ? 'a write is' : `${count} writes are`} kept for ${target}`
          : `kept writes delivered to ${target}`;
      return { severity: 'info', message, nodeIds: [target], facts: { pending, change } };
    }
    case 'conflict': {
      const { key, change } = event;
      const message =
        count > 1
          ? `${count} conflicts are ${change} on ${observer}`
          : `${observer} has ${change} a conflict`;
      const severity = change === 'found' ? 'warning' : 'info';
      return { severity, message, nodeIds: [observer], facts: { key, change } };
    }
    case 'repair': {
      const { key, replica } = event;
      return {
        severity: 'info',
        message: `${replica} was behind and was sent ${count === 1 ? 'a record' : `${count} records`}`,
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
        message: `${count === 1 ? 'a record of' : `${count} records of`} ${observer} ${count === 1 ? 'is' : 'are'} damaged`,
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
