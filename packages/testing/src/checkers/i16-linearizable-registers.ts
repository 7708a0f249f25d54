import { checkRegisters } from '../linearizability/check-keys.ts';
import type { Operation } from '../linearizability/history.ts';
import { timelineText } from '../linearizability/timeline.ts';
import { Violation } from '../sim/violation.ts';
import type { CheckContext, Checker } from './checker.ts';

/** Steps one search may take: the histories of a lifetime need thousands. */
const stepsMax = 2_000_000;

/**
 * I16, in its strongest form: plain registers written and read at quorum are linearizable. I13: so are keys that are
 * written on condition, with plain writes among them. Observes the clients' history alone. A search that reaches its limit fails the run.
 */
export class LinearizableRegisters implements Checker {
  readonly id = 'I16';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  audit(): void {
    const { ledger, world } = this.#context;
    const histories = new Map<string, Operation[]>();
    const { registerKeys, agreedKeys } = world.options.workload;
    for (let index = 0; index < registerKeys; index++) {
      histories.set(`r/${index}`, ledger.historyOf(`r/${index}`));
    }
    for (let index = 0; index < agreedKeys; index++) {
      histories.set(`k/${index}`, ledger.historyOf(`k/${index}`));
    }
    for (const { key, kind, window, stuck } of checkRegisters(histories, stepsMax)) {
      const what = kind === 'undecided' ? 'could not be decided within its limit' : 'is not linearizable';
      throw new Violation(
        key.startsWith('k/') ? 'I13' : this.id,
        `the history of ${key} ${what}`,
        timelineText(window, stuck),
      );
    }
  }
}
