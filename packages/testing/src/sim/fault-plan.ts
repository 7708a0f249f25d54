/**
 * A seed's faults, planned before the run so that a shrinker can leave some out. Each has chance of its own for the choices
 * it makes later, so that leaving one out does not move the others.
 */
import { type FaultKind, faultKinds } from './fault-kinds.ts';
import type { LifetimeOptions } from './options.ts';
import { Prng } from './prng.ts';

export interface PlannedFault {
  readonly kind: FaultKind;
  /** Virtual ms after the safety phase began. */
  readonly at: number;
  readonly durationMs: number;
  /** Seed of the choices this fault makes. */
  readonly draw: number;
}

export function planFaults(options: LifetimeOptions): PlannedFault[] {
  const random = new Prng(options.seed, 0xfa017);
  const plan: PlannedFault[] = [];
  const from = options.burstMs === 0 ? 0 : random.real(0, options.safetyMs);
  const until = options.burstMs === 0 ? options.safetyMs : Math.min(from + options.burstMs, options.safetyMs);
  for (const kind of faultKinds) {
    for (let count = options.faults[kind] ?? 0; count > 0; count--) {
      plan.push({
        kind,
        at: random.real(from, until),
        durationMs: Math.min(random.exponential(options.safetyMs / 4), options.safetyMs),
        draw: random.uint32(),
      });
    }
  }
  return plan.sort((a, b) => a.at - b.at);
}
