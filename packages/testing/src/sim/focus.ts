/**
 * What a lifetime dwells on. A bug that needs three rare things at once is hardly met while each is drawn for itself;
 * half of the lifetimes therefore take up one theme, with the faults, the pace and the load that belong together. The
 * other half stay as they were drawn: nobody thought of everything that belongs together.
 */
import { honestClocks } from './clock.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { LifetimeOptions } from './options.ts';
import type { Prng } from './prng.ts';

export const focuses = [
  'growth',
  'broken links',
  'one behind',
  'lost history',
  'short lives',
  'retries',
] as const;
export type Focus = (typeof focuses)[number];

/** What a focus decides; the rest stays as drawn. */
type Theme = Partial<
  Pick<
    LifetimeOptions,
    'nodes' | 'replicas' | 'coldStart' | 'link' | 'pace' | 'safetyMs' | 'workload' | 'faults'
  >
>;

/** Half of the lifetimes as they are; the others about one thing. */
export function focused(options: LifetimeOptions, random: Prng): LifetimeOptions {
  if (random.chance(0.5)) return options;
  const focus = random.pick(focuses);
  const theme = themes[focus](options, random);
  // Other faults come between what belongs together, in a few of these lifetimes only.
  const others = random.chance(0.3) ? options.faults : {};
  return {
    ...options,
    coldStart: false,
    ...theme,
    clocks: random.chance(0.8) ? honestClocks : options.clocks,
    focus,
    burstMs: random.chance(0.6) ? random.real(50, 3000) : 0,
    faults: { ...others, ...theme.faults },
  };
}

const themes: Readonly<Record<Focus, (options: LifetimeOptions, random: Prng) => Theme>> = {
  growth,
  'broken links': brokenLinks,
  'one behind': oneBehind,
  'lost history': lostHistory,
  'short lives': shortLives,
  retries,
};

/** Nodes that join at once, over slow links and slow disks, while voters die: ballots meet, arcs move under load. */
function growth({ link, workload }: LifetimeOptions, random: Prng): Theme {
  return {
    nodes: random.between(1, 5),
    replicas: 3,
    link: { ...link, delayFloorMs: random.real(0.1, 5), delayMeanMs: random.real(0.5, 80) },
    pace: slowDisks(random),
    workload: { ...busy(workload, random), registerKeys: random.between(2, 8) },
    faults: some(random, {
      'operator.join': [2, 2],
      'net.clog': [0, 4],
      'partition.oneWayPair': [0, 3],
      'process.killInBoot': [0, 2],
      'power.one': [0, 3],
      'net.reset': [0, 3],
    }),
  };
}

/** Connections that break with stores on them: a value is left on a minority, and read there. */
function brokenLinks({ link, workload }: LifetimeOptions, random: Prng): Theme {
  return {
    nodes: random.pick([3, 3, 5]),
    replicas: random.pick([3, 5]),
    link: { ...link, delayFloorMs: random.real(1, 20), delayMeanMs: random.real(1, 60) },
    workload: hot(workload, random),
    faults: some(random, {
      'net.reset': [3, 12],
      'net.halfOpen': [0, 4],
      'net.clog': [0, 3],
      'process.kill': [0, 3],
    }),
  };
}

/** One replica that misses writes and is asked all the same. */
function oneBehind({ workload }: LifetimeOptions, random: Prng): Theme {
  return {
    nodes: 3,
    replicas: 3,
    workload: hot(workload, random),
    faults: some(random, {
      'partition.isolate': [0, 2],
      'partition.oneWayPair': [1, 5],
      'net.clog': [1, 5],
      'process.pause': [0, 2],
      'net.reset': [0, 4],
    }),
  };
}

/** A directory that lost its newest rows, while others have not got them yet. */
function lostHistory(options: LifetimeOptions, random: Prng): Theme {
  const { faults } = oneBehind(options, random);
  return {
    nodes: random.pick([3, 3, 5]),
    replicas: random.pick([3, 3, 5]),
    pace: { ...options.pace, bootMs: random.real(10, 60) },
    workload: hot(options.workload, random),
    faults: { ...faults, 'disk.loseHistory': random.between(1, 4) },
  };
}

/** Processes that die and are back before the others have answered what they asked. */
function shortLives({ link, workload }: LifetimeOptions, random: Prng): Theme {
  return {
    nodes: 3,
    replicas: 3,
    link: { ...link, delayFloorMs: random.real(0.1, 20), delayMeanMs: random.real(0.5, 40) },
    pace: { ...slowDisks(random), bootMs: random.real(2, 20) },
    workload: busy(workload, random),
    faults: some(random, {
      'process.kill': [1, 6],
      'process.restart': [0, 4],
      'power.one': [0, 3],
      'process.pause': [0, 3],
      'disk.slow': [0, 2],
    }),
  };
}

/** Clients that hear nothing in time and ask again, through another node, under the same request id. */
function retries({ link, workload }: LifetimeOptions, random: Prng): Theme {
  return {
    nodes: 3,
    replicas: 3,
    link: { ...link, delayMeanMs: random.real(5, 60), slowTailMs: random.real(50, 1000) },
    workload: {
      ...hot(workload, random),
      retry: 1,
      deadlineMs: random.between(50, 300),
      deletes: random.real(0, 0.4),
    },
    faults: some(random, {
      'partition.oneWayPair': [0, 4],
      'net.clog': [0, 4],
      'net.reset': [0, 6],
      'process.pause': [0, 2],
    }),
  };
}

function slowDisks(random: Prng): LifetimeOptions['pace'] {
  return {
    syncFloorMs: random.real(0.05, 5),
    syncMeanMs: random.real(1, 60),
    readMeanMs: random.real(0.02, 5),
    bootMs: random.real(10, 100),
  };
}

type Workload = LifetimeOptions['workload'];

/** Many requests under way at any time. */
function busy(workload: Workload, random: Prng): Workload {
  return { ...workload, clients: random.between(4, 8), operations: 240, thinkMs: random.real(1, 60) };
}

/** As `busy`, on one or two keys, half of it reads: what a write leaves behind is looked at at once, from everywhere. */
function hot(workload: Workload, random: Prng): Workload {
  return {
    ...busy(workload, random),
    // More of them on one key, many with unknown outcomes, and linearizability can no longer be decided.
    operations: random.between(60, 120),
    registerKeys: random.between(1, 2),
    causalKeys: random.chance(0.3) ? 1 : 0,
    writes: random.real(0.2, 0.6),
    deadlineMs: random.between(200, 3000),
  };
}

/** So many of each kind, both bounds included; none means that the kind is off. */
function some(
  random: Prng,
  bounds: Readonly<Partial<Record<FaultKind, readonly [least: number, most: number]>>>,
): Partial<Record<FaultKind, number>> {
  const faults: Partial<Record<FaultKind, number>> = {};
  for (const [kind, [least, most]] of Object.entries(bounds) as [FaultKind, readonly [number, number]][]) {
    const count = random.between(least, most);
    if (count > 0) faults[kind] = count;
  }
  return faults;
}
