import { keyRef } from '@starling/core/ring/key.ts';
import type { SimProcess } from '../sim/process.ts';
import type { CallEnd, World } from '../sim/world.ts';
import { agreedKey, causalKey, registerKey, shownNumber, table } from './client.ts';
import type { Ledger } from './ledger.ts';

/**
 * Reads every key at quorum through every node; the answers join the history. Null if all were answered within
 * `withinMs`, else what was not. A request may fail while a ring settles, so each is tried until it succeeds.
 */
export function probeKeys(
  world: World,
  ledger: Ledger,
  processes: readonly SimProcess[],
  withinMs: number,
): string | null {
  const { registerKeys, causalKeys, agreedKeys } = world.options.workload;
  const keys = [
    ...Array.from({ length: registerKeys }, (_, index) => registerKey(index)),
    ...Array.from({ length: causalKeys }, (_, index) => causalKey(index)),
    ...Array.from({ length: agreedKeys }, (_, index) => agreedKey(index)),
  ];
  const waiting = new Map<string, string>();
  for (const process of processes) {
    for (const key of keys) {
      const name = `get of ${key} through ${process.nodeId}`;
      waiting.set(name, 'no answer');
      probe(world, ledger, process, key, (end) => {
        const answered = typeof end !== 'string' && end.kind === 'read';
        if (answered) waiting.delete(name);
        else
          waiting.set(
            name,
            typeof end === 'string'
              ? end
              : end.kind === 'error'
                ? `${end.error.code}: ${end.error.message}`
                : end.kind,
          );
        return answered;
      });
    }
  }
  if (world.runUntil(() => waiting.size === 0, withinMs)) return null;
  const [name, why] = waiting.entries().next().value!;
  return `${waiting.size} probes were not answered after the last fault, such as the ${name}: ${why}`;
}

function probe(
  world: World,
  ledger: Ledger,
  process: SimProcess,
  key: string,
  done: (end: CallEnd) => boolean,
): void {
  const calledAt = ledger.stamp();
  const ref = keyRef(table, key);
  world.call(
    process,
    (now) => ({ kind: 'get', ref, level: 'quorum', deadlineAt: now + 3000, explain: false }),
    (end) => {
      if (typeof end !== 'string' && end.kind === 'read') {
        const value = shownNumber(end);
        ledger.reads.push({
          key,
          client: 'probe',
          level: 'quorum',
          calledAt,
          returnedAt: ledger.stamp(),
          value,
        });
      }
      if (!done(end)) world.scheduler.after(200, () => probe(world, ledger, process, key, done));
    },
  );
}
