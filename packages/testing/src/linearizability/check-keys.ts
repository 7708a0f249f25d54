import { type Operation, reduceHistory } from './history.ts';
import { minimalViolation } from './minimise.ts';
import { registerModel } from './register-model.ts';
import { checkLinearizable, searchStepsMax } from './wgl.ts';

/** What is wrong with one key's history. */
export interface KeyFinding {
  readonly key: string;
  readonly kind: 'violation' | 'undecided';
  /** The smallest violating part found; the whole history when undecided. */
  readonly window: readonly Operation[];
  /** Id of the operation that fits nowhere; −1 when undecided. */
  readonly stuck: number;
}

/**
 * Checks every key by itself: a history of registers is linearizable exactly if each register's part is (locality,
 * Herlihy and Wing 1990). A search that runs into its limit is a finding, never a pass.
 */
export function checkRegisters(
  histories: ReadonlyMap<string, readonly Operation[]>,
  stepsMax: number = searchStepsMax,
): KeyFinding[] {
  const findings: KeyFinding[] = [];
  for (const [key, operations] of histories) {
    const verdict = checkLinearizable(reduceHistory(operations), registerModel, stepsMax);
    if (verdict.kind === 'linearizable') continue;
    const violated = verdict.kind === 'violation';
    findings.push({
      key,
      kind: verdict.kind,
      window: violated ? minimalViolation(operations, stepsMax) : operations,
      stuck: violated ? verdict.stuck : -1,
    });
  }
  return findings;
}
