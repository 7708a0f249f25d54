import { isFormed } from './at-rest.ts';
import { honestClocks } from './clock.ts';
import type { DiskSnapshot } from './disk.ts';
import { formMs } from './lifetime.ts';
import { honestLink, type LifetimeOptions } from './options.ts';
import type { MachineFactory } from './process-parts.ts';
import { Violation } from './violation.ts';
import { addressAt, World } from './world.ts';

/** Directories of founded clusters, by what shapes them. Founding costs as much as a short lifetime, so it is done once. */
const founded = new Map<string, readonly DiskSnapshot[]>();
const foundedMax = 200;

type Shape = Pick<LifetimeOptions, 'nodes' | 'replicas' | 'zones'>;

/** The data directories of a cluster that was founded without faults and stopped in good order. */
export function foundingImages(shape: Shape, make: MachineFactory): readonly DiskSnapshot[] {
  const name = `${shape.nodes} ${shape.replicas} ${shape.zones}`;
  const known = founded.get(name);
  if (known !== undefined) return known;
  const images = found(shape, make);
  if (founded.size < foundedMax) founded.set(name, images);
  return images;
}

function found({ nodes, replicas, zones }: Shape, make: MachineFactory): readonly DiskSnapshot[] {
  const world = new World({ options: calmOptions(nodes, replicas, zones), make });
  for (let index = 0; index < nodes; index++) {
    world.addProcess(index === 0 ? [] : [addressAt(0)]).start();
    const ready = world.runUntil(() => isFormed(world.processes), formMs);
    if (!ready)
      throw new Violation('I29', `a cluster of ${nodes} nodes could not be founded without any fault`);
  }
  // Time to write down whom each has met.
  world.run(10_000);
  for (const process of world.processes) process.deliver({ type: 'shutdown' });
  const stopped = world.runUntil(
    () => world.processes.every((process) => process.state === 'stopped'),
    30_000,
  );
  if (!stopped) throw new Violation('I29', 'a node did not stop when asked to');
  return world.processes.map((process) => process.disk.snapshot());
}

/** A lifetime in which nothing goes wrong. */
export function calmOptions(nodes: number, replicas: number, zones: number): LifetimeOptions {
  return {
    seed: 1,
    nodes,
    replicas,
    zones,
    coldStart: true,
    shuffleTies: false,
    recode: false,
    newer: 0,
    spuriousTicks: false,
    safetyMs: 0,
    link: honestLink,
    pace: { syncFloorMs: 0.1, syncMeanMs: 0.2, readMeanMs: 0.05, bootMs: 20 },
    clocks: honestClocks,
    tuning: {},
    faults: {},
    focus: null,
    burstMs: 0,
    workload: {
      clients: 1,
      registerKeys: 1,
      causalKeys: 0,
      agreedKeys: 0,
      conditional: 0,
      operations: 0,
      thinkMs: 10,
      hotKey: 0,
      writes: 0.5,
      deletes: 0,
      retry: 0,
      abandon: 0,
      deadlineMs: 3000,
      largeValues: 0,
      expiring: 0,
      batches: 0,
      lists: 0,
      sharedContexts: 0,
      foreignContexts: 0,
    },
  };
}
