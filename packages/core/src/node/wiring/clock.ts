/** Who is asked for a node's clock. */
import type { NodeId } from '../../base/ids.ts';
import type { VersionVector } from '../../causality/record.ts';
import type { Parts } from '../parts.ts';
import { ask } from './ask.ts';

/** How long a peer may take to tell its clock, in ms. */
const peerClockMs = 3000;

/** A node's clock, or null if it gives none; this node's own (null) once the records that it tells of are on disk. */
export function clockOf(
  parts: Parts,
  node: NodeId | null,
  then: (clock: VersionVector | null) => void,
): void {
  if (node === null || node === parts.options.nodeId) {
    const clock = parts.clock.clock();
    return parts.log.whenDurable(parts.log.lastSeq, () => then(clock));
  }
  ask(
    parts,
    node,
    (rpc) => ({ kind: 'nodeClock', rpc }),
    peerClockMs,
    (reply) => then(reply?.kind === 'nodeClockReply' ? reply.clock : null),
  );
}
