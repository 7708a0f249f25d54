/** What it means that a cluster has come to rest. */
import type { SimProcess } from './process.ts';

/** All are normal members of one and the same settled ring, or have left it for good, and nothing more is asked of it. */
export function isFormed(processes: readonly SimProcess[]): boolean {
  const epoch = processes[0]?.machine?.ring()?.epoch;
  const staying = processes.filter(({ machine }) => machine?.state !== 'left').length;
  return processes.every(({ nodeId, machine }) => {
    const ring = machine?.ring() ?? null;
    if (machine === null || ring === null || ring.epoch !== epoch || ring.changing !== null) return false;
    if (ring.doc.operations.some(({ state }) => state === 'queued')) return false;
    if (machine.state === 'left') return ring.member(nodeId) === null;
    return machine.state === 'normal' && ring.doc.members.length >= staying;
  });
}

export function describeForming(processes: readonly SimProcess[]): string {
  return processes
    .map(
      ({ nodeId, state, machine }) =>
        `${nodeId} is ${machine?.state ?? state} at epoch ${machine?.ring()?.epoch ?? 0}`,
    )
    .join(', ');
}

/** Nothing is owed, moving, damaged or undecided any more. */
export function isQuiet(processes: readonly SimProcess[]): boolean {
  return processes.every(({ machine }) => {
    if (machine === null) return true;
    const owes = machine.hints().some(({ pending, everything }) => pending > 0 || everything);
    // A change that was accepted and never told comes to light when whoever accepted it proposes it once more.
    return !owes && machine.ringAtRest() && machine.transfer() === null && machine.damagedRecords() === 0;
  });
}
