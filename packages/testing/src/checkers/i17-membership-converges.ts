import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I17: once faults are over, all living nodes agree on every member's status and incarnation, and hold every living
 * node for alive. Observes the member lists at quiesce; the lifetime gives them a bounded time to get there.
 */
export class MembershipConverges implements Checker {
  readonly id = 'I17';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  quiesced(): void {
    const finding = findDisagreement(this.#context.world.processes);
    ensure(this.id, finding === null, () => finding ?? '');
  }
}

/** The first way in which member lists differ, in words; null if all living nodes agree. */
export function findDisagreement(processes: readonly SimProcess[]): string | null {
  const living = processes.filter((process) => process.machine !== null);
  const incarnations = new Map<string, number>();
  for (const observer of living) {
    const members = new Map(observer.machine!.members().map((member) => [member.nodeId, member]));
    for (const { nodeId } of living) {
      if (nodeId === observer.nodeId && !members.has(nodeId)) continue;
      const member = members.get(nodeId);
      if (member?.status !== 'alive')
        return `${observer.nodeId} holds ${nodeId} for ${member?.status ?? 'unknown'}`;
      const known = incarnations.get(nodeId) ?? member.incarnation;
      if (known !== member.incarnation) return `${observer.nodeId} knows another incarnation of ${nodeId}`;
      incarnations.set(nodeId, member.incarnation);
    }
  }
  return null;
}
