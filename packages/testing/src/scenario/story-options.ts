import type { ClockFaults } from '../sim/clock.ts';
import { honestClocks } from '../sim/clock.ts';
import type { FaultKind } from '../sim/fault-kinds.ts';
import { calmOptions } from '../sim/founding.ts';
import type { LinkProfile } from '../sim/network.ts';
import { honestLink, type LifetimeOptions } from '../sim/options.ts';
import type { StageOptions } from './stage.ts';

/** What a judged story may set otherwise: all that shapes a lifetime except what is done and asked in it. */
export interface JudgedOptions extends StageOptions {
  /** Of every delay that the story does not decide. */
  readonly seed?: number;
  readonly zones?: number;
  readonly coldStart?: boolean;
  readonly shuffleTies?: boolean;
  readonly recode?: boolean;
  readonly spuriousTicks?: boolean;
  readonly link?: Partial<LinkProfile>;
  readonly clocks?: Partial<ClockFaults>;
  /** Kinds the story strikes with; for each `operator.join` a node stands by. */
  readonly faults?: Readonly<Partial<Record<FaultKind, number>>>;
  /** Keys `r/0`… that are plain registers, and `c/0`… that are written with contexts: those that are judged at the end. */
  readonly registerKeys?: number;
  readonly causalKeys?: number;
}

/** The lifetime around a judged story: calm, but for what it sets. */
export function storyLifetime(nodes: number, options: JudgedOptions): LifetimeOptions {
  const { replicas = 3, zones = 1, registerKeys = 1, causalKeys = 0, pace, link, clocks, ...set } = options;
  const calm = calmOptions(nodes, replicas, zones);
  return {
    ...calm,
    coldStart: false,
    ...set,
    pace: { ...calm.pace, ...pace },
    link: { ...honestLink, ...link },
    clocks: { ...honestClocks, ...clocks },
    workload: { ...calm.workload, registerKeys, causalKeys },
  };
}

/** The options of a judged story in such a lifetime; what is calm is left out. */
export function storyOptions(options: LifetimeOptions, faults: JudgedOptions['faults'] = {}): JudgedOptions {
  const calm = { ...calmOptions(options.nodes, 3, 1), coldStart: false };
  const { registerKeys, causalKeys } = options.workload;
  return {
    ...different(
      { ...pick(options), registerKeys, causalKeys },
      { ...pick(calm), registerKeys: 1, causalKeys: 0 },
    ),
    ...(Object.keys(faults).length > 0 && { faults }),
  };
}

function pick(options: LifetimeOptions) {
  const { seed, replicas, zones, coldStart, shuffleTies, recode, spuriousTicks } = options;
  const { link, pace, clocks, tuning } = options;
  return { seed, replicas, zones, coldStart, shuffleTies, recode, spuriousTicks, link, pace, clocks, tuning };
}

/** The entries of `from` that are not as in `base`, compared by their text. */
function different<Options extends object>(from: Options, base: Options): Partial<Options> {
  const entries = Object.entries(from).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(base[name as keyof Options]),
  );
  // Entries of `from` under their own names.
  return Object.fromEntries(entries) as Partial<Options>;
}
