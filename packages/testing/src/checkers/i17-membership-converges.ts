import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I17: once faults are over, all living nodes agree on every member's status, directory and incarnation, and hold every living
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
  const claims = new Map<string, string>();
  for (const observer of living) {
    const members = new Map(observer.machine!.members().map((member) => [member.nodeId, member]));
    for (const { nodeId } of living) {
      if (nodeId === observer.nodeId && !members.has(nodeId)) continue;
      const member = members.get(nodeId);
      if (member?.status !== 'alive')
        return `${observer.nodeId} holds ${nodeId} for ${member?.status ?? 'unknown'}`;
      // A successor on an empty directory may well begin at the incarnation of the one that is gone.
      const claim = `${member.instanceId} ${member.incarnation}`;
      const known = claims.get(nodeId) ?? claim;
      if (known !== claim) return `${observer.nodeId} knows another incarnation of ${nodeId}`;
      claims.set(nodeId, claim);
    }
  }
  return null;
}
