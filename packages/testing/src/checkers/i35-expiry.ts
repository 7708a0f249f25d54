import type { NodeId } from '@starling/core/base/ids.ts';
import { limits } from '@starling/core/base/limits.ts';
import { formatDot } from '@starling/core/causality/dot.ts';
import type { ClientAnswer } from '@starling/core/coordinator/request.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { type Applied, expiredBy } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/** How long after the grace a quiet node may take to drop a value, in ms. */
const lagMsMax = 5000;

/**
 * I35: a value whose time has ended is shown by no read, and is dropped for good once it has ended and not before. Observes each
 * answer to a read as it leaves the node that coordinated it, against that node's own wall clock at that instant; and
 * each record in which a value is first missing under its dot, and what each node has written down at quiesce, against the grace. That nothing is hidden early is I5's
 * concern.
 */
export class Expiry implements Checker {
  readonly id = 'I35';
  readonly #context: CheckContext;
  /** Dots whose values have been dropped somewhere: others may learn it from there. */
  readonly #dropped = new Set<string>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  applied({ process, after }: Applied): void {
    for (const { dot, value } of after.siblings)
      if (value === null) this.#checkDropped(process, formatDot(dot));
  }

  sent(process: SimProcess, _to: NodeId, message: PeerMessage): void {
    if (message.kind === 'forwardReply') this.#check(process, message.answer);
  }

  replied(process: SimProcess, _id: number, answer: ClientAnswer): void {
    // Without an explanation nothing tells whether another node coordinated, whose clock reads otherwise.
    if (answer.kind === 'read' && answer.explain?.forwardedBy === null) this.#check(process, answer);
  }

  quiesced(): void {
    const { ghost, world } = this.#context;
    const graceMs = world.options.tuning.expiryGraceMs ?? limits.expiryGraceMs;
    for (const process of world.processes) {
      const wallMs = process.clock.wall(world.now);
      for (const row of ghost.rows()) {
        for (const { dot, expiresAt } of ghost.latest(process, row)?.siblings ?? [])
          ensure(
            this.id,
            expiresAt === 0 || wallMs < expiresAt + graceMs + lagMsMax,
            () => `${process.nodeId} still holds ${formatDot(dot)}, which ended ${wallMs - expiresAt} ms ago`,
          );
      }
    }
  }

  #checkDropped(process: SimProcess, dot: string): void {
    const { ghost, markers, world } = this.#context;
    const event = ghost.eventOf(dot);
    if (event === null || event.sibling.expiresAt === 0 || this.#dropped.has(dot)) return;
    this.#dropped.add(dot);
    markers.reach('expired value dropped');
    const graceMs = world.options.tuning.expiryGraceMs ?? limits.expiryGraceMs;
    const overMs = process.clock.wall(world.now) - event.sibling.expiresAt;
    ensure(this.id, overMs >= graceMs, () => `${process.nodeId} drops ${dot} ${overMs} ms after its end`);
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
