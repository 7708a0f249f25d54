/** Lifetimes that are a little simpler than a given one, most promising first. None moves a draw: all is in options and plan. */
import { honestClocks } from '../sim/clock.ts';
import type { FaultKind } from '../sim/fault-kinds.ts';
import type { PlannedFault } from '../sim/fault-plan.ts';
import { calmOptions } from '../sim/founding.ts';
import { honestLink, type LifetimeOptions, type WorkloadOptions } from '../sim/options.ts';

/** What a lifetime is made of: its seed's options and the faults that strike. */
export interface Case {
  readonly options: LifetimeOptions;
  readonly plan: readonly PlannedFault[];
}

/** The shortest safety phase that is tried, in virtual ms: what is asked in it may go on after it. */
const shortestMs = 100;

/** One way to make a case simpler. Each answers candidates; the first that still fails is kept. */
export type Simplification = (from: Case) => Case[];

/** What some clients do now and then. */
const extras = [
  'expiring',
  'batches',
  'lists',
  'sharedContexts',
  'foreignContexts',
  'abandon',
  'retry',
  'deletes',
  'largeValues',
] as const satisfies readonly (keyof WorkloadOptions)[];

/** What a lifetime is like, one part at a time made as it is where nothing goes wrong. */
const calmings: readonly ((options: LifetimeOptions) => Partial<LifetimeOptions>)[] = [
  () => ({ coldStart: false }),
  () => ({ shuffleTies: false }),
  () => ({ recode: false }),
  () => ({ newer: 0 }),
  () => ({ spuriousTicks: false }),
  () => ({ zones: 1 }),
  () => ({ clocks: honestClocks }),
  () => ({ tuning: {} }),
  () => ({ link: honestLink }),
  ({ link }) => ({ link: { ...link, loss: 0, duplicate: 0, slowTailMs: 0 } }),
  () => ({ pace: calmOptions(1, 1, 1).pace }),
];

/** In the order in which they are tried: whole kinds of faults first, then who takes part, then what it is like. */
export const simplifications: readonly Simplification[] = [
  ({ options, plan }) => (plan.length === 0 ? [] : [{ options, plan: [] }]),
  ({ options, plan }) =>
    [...new Set(plan.map(({ kind }) => kind))].map((kind) => ({
      options: withoutKind(options, kind),
      plan: plan.filter((fault) => fault.kind !== kind),
    })),
  ({ options, plan }) => fewer(options.nodes, 1).map((nodes) => ({ options: { ...options, nodes }, plan })),
  (from) => fewer(from.options.workload.clients, 1).map((clients) => withWork(from, { clients })),
  (from) => fewer(from.options.workload.operations, 1).map((operations) => withWork(from, { operations })),
  (from) =>
    from.options.workload.registerKeys === 0
      ? []
      : fewer(from.options.workload.causalKeys, 0).map((causalKeys) => withWork(from, { causalKeys })),
  (from) => {
    const { registerKeys, causalKeys } = from.options.workload;
    return fewer(registerKeys, causalKeys === 0 ? 1 : 0).map((keys) =>
      withWork(from, { registerKeys: keys }),
    );
  },
  ...extras.map(
    (extra) => (from: Case) => (from.options.workload[extra] === 0 ? [] : [withWork(from, { [extra]: 0 })]),
  ),
  ...calmings.map((calmer) => (from: Case) => {
    const options = { ...from.options, ...calmer(from.options) };
    return JSON.stringify(options) === JSON.stringify(from.options) ? [] : [{ ...from, options }];
  }),
  ({ options, plan }) =>
    fewer(Math.ceil(options.safetyMs), shortestMs).map((safetyMs) => ({
      options: { ...options, safetyMs },
      plan: plan.filter(({ at }) => at <= safetyMs),
    })),
];

function withoutKind(options: LifetimeOptions, kind: FaultKind): LifetimeOptions {
  const { [kind]: _, ...faults } = options.faults;
  return { ...options, faults };
}

function withWork(from: Case, work: Partial<WorkloadOptions>): Case {
  return { ...from, options: { ...from.options, workload: { ...from.options.workload, ...work } } };
}

/** Below it every number is tried, above it a few shares: a search must not go down one by one. */
const fewFrom = 9;

/** Numbers below `from`, from `least` up, as many as are worth a try. */
function fewer(from: number, least: number): number[] {
  const tries =
    from < fewFrom
      ? Array.from({ length: from }, (_, count) => count)
      : [least, ...[0.125, 0.25, 0.5, 0.75, 0.875].map((share) => Math.floor(from * share))];
  return [...new Set(tries)].filter((count) => count >= least && count < from).sort((a, b) => a - b);
}
