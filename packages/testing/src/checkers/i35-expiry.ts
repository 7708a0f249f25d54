import type { NodeId } from '@starling/core/base/ids.ts';
import type { ClientAnswer } from '@starling/core/coordinator/request.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { expiredBy } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I35: a value whose time has ended is shown by no read. Observes each answer to a read as it leaves the node that
 * coordinated it, against that node's own wall clock at that instant. That nothing is hidden early is I5's concern.
 */
export class Expiry implements Checker {
  readonly id = 'I35';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  sent(process: SimProcess, _to: NodeId, message: PeerMessage): void {
    if (message.kind === 'forwardReply') this.#check(process, message.answer);
  }

  replied(process: SimProcess, _id: number, answer: ClientAnswer): void {
    // Without an explanation nothing tells whether another node coordinated, whose clock reads otherwise.
    if (answer.kind === 'read' && answer.explain?.forwardedBy === null) this.#check(process, answer);
  }

  #check(process: SimProcess, answer: ClientAnswer): void {
    if (answer.kind !== 'read') return;
    const { winner, siblings } = answer;
    const wallMs = process.clock.wall(this.#context.world.now);
    for (const { expiresAt, dot } of winner === null ? siblings : [winner, ...siblings]) {
      const expired = expiredBy({ expiresAt }, wallMs);
      ensure(
        this.id,
        !expired,
        () => `${process.nodeId} shows ${dot}, which expired ${wallMs - expiresAt} ms ago`,
      );
    }
  }
}
