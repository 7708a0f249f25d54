import type { ClientAnswer, Explain } from '@starling/core/coordinator/request.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I37: an explanation tells what happened. It names this node as the one that coordinated or that passed the request on, answers
 * that came after they were asked for, for an answer that is ok at least as many good ones as it says were needed, and,
 * while no ring changes, nobody but replicas. Observes each answer that carries one.
 */
export class Explanations implements Checker {
  readonly id = 'I37';
  readonly #context: CheckContext;
  /** A request may begin under one ring and end under another: who was a replica when is told by neither. */
  readonly #steady: boolean;

  constructor(context: CheckContext) {
    this.#context = context;
    const { coldStart, faults } = context.world.options;
    this.#steady =
      !coldStart && faults['operator.join'] === undefined && faults['operator.drain'] === undefined;
  }

  replied(process: SimProcess, _id: number, answer: ClientAnswer): void {
    if (answer.kind === 'listed' || answer.explain === null) return;
    this.#context.markers.reach('request explained');
    const { explain } = answer;
    const flaw =
      flawOf(process, explain, answer.kind !== 'error') ?? (this.#steady ? strangerIn(explain) : null);
    ensure(this.id, flaw === null, () => `${process.nodeId} explains itself wrongly: ${flaw}`);
  }
}

function flawOf({ nodeId }: SimProcess, explain: Explain, ok: boolean): string | null {
  const { coordinator, forwardedBy, steps, needed } = explain;
  if ((forwardedBy ?? coordinator) !== nodeId)
    return `${forwardedBy ?? coordinator} is said to have taken it`;
  if (forwardedBy === coordinator) return `${coordinator} is said to have passed it to itself`;
  for (const { replica, sentUs, answeredUs } of steps) {
    if (answeredUs !== null && answeredUs < sentUs) return `${replica} answered before it was asked`;
  }
  if (!ok) return null;
  const good = new Set(steps.filter(({ result }) => result === 'ok').map(({ replica }) => replica));
  return good.size >= needed && needed > 0 ? null : `${needed} were needed and ${good.size} answered`;
}

/** A node that has no business with the key. */
function strangerIn({ coordinator, replicas, pending, steps }: Explain): string | null {
  const stranger = [coordinator, ...steps.map(({ replica }) => replica)].find(
    (node) => !replicas.includes(node) && !pending.includes(node),
  );
  return stranger === undefined ? null : `${stranger} took part and is no replica`;
}
