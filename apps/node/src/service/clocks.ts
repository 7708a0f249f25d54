import { type ClockComparison, failed, type NodeClock, type Result } from '@starling/api-types';
import { type NodeId, parseNodeId, type VersionVector } from '@starling/core';
import type { MachinePort } from './machine-port.ts';

/** Of which writes this node has heard. */
export async function nodeClock(machine: MachinePort): Promise<Result<NodeClock>> {
  const clock = await clockOf(machine, null);
  if (clock === null) return unread;
  const { actor } = machine.view().storage;
  return { ok: true, output: { ...observed(machine), actor, clock: clock.map((entry) => ({ ...entry })) } };
}

/** How this node's clock stands to that of another, which is asked for it. */
export async function comparison(machine: MachinePort, name: string): Promise<Result<ClockComparison>> {
  const node = parseNodeId(name);
  if (node === null || !isKnown(machine, node)) {
    const issues = [{ path: 'node', message: 'no node of this name is known' }];
    return { ok: false, error: failed('invalid_request', 'node: no node of this name is known', { issues }) };
  }
  // Of two answers at one time neither is older than the question.
  const [here, there] = await Promise.all([clockOf(machine, null), clockOf(machine, node)]);
  if (here === null) return unread;
  if (there === null)
    return { ok: false, error: failed('no_node_reachable', `${node} did not tell its clock`) };
  return { ok: true, output: { ...observed(machine), node, ...compareClocks(here, there) } };
}

/** `before`: all that is in `here` is in `there`, and more. */
export function compareClocks(
  here: VersionVector,
  there: VersionVector,
): Pick<ClockComparison, 'order' | 'differences'> {
  const counters = new Map<string, { here: number; there: number }>();
  for (const { actor, counter } of here) counters.set(actor, { here: counter, there: 0 });
  for (const { actor, counter } of there)
    counters.set(actor, { here: counters.get(actor)?.here ?? 0, there: counter });
  const differences = [...counters]
    .filter(([, entry]) => entry.here !== entry.there)
    .map(([actor, entry]) => ({ actor, ...entry }))
    .sort((a, b) => (a.actor < b.actor ? -1 : 1));
  const ahead = differences.some((entry) => entry.here > entry.there);
  const behind = differences.some((entry) => entry.here < entry.there);
  const order = ahead ? (behind ? 'concurrent' : 'after') : behind ? 'before' : 'equal';
  return { order, differences };
}

async function clockOf(machine: MachinePort, of: NodeId | null): Promise<VersionVector | null> {
  const finding = await machine.inquire({ kind: 'clock', of });
  return finding?.kind === 'clock' ? finding.clock : null;
}

function isKnown(machine: MachinePort, node: NodeId): boolean {
  return node === machine.nodeId || machine.view().members.some(({ nodeId }) => nodeId === node);
}

function observed(machine: MachinePort) {
  return { observer: machine.nodeId, observedAt: machine.now().wall };
}

const unread = {
  ok: false,
  error: failed('not_ready', 'this node cannot look at its clock at the moment'),
} as const;
