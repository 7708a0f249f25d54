import type { CheckContext, Checker } from './checker.ts';
import { KeyVotes } from './i14-key-votes.ts';
import { RingVotes } from './i14-ring-votes.ts';
import { ReadsKept } from './i16-reads-kept.ts';
import { Departed } from './i19-departed.ts';
import { EpochFence } from './i20-epoch-fence.ts';
import { ArcsWhole } from './i22-arcs-whole.ts';
import { OneEffect } from './i31-one-effect.ts';
import { RecoveredWhole } from './i33-recovered-whole.ts';

/**
 * Checkers of single protocol steps. What they forbid shows in the end as a lost write or a stale read, but only if
 * several rare things follow on it; here it shows when it happens.
 */
export function protocolCheckers(context: CheckContext): Checker[] {
  return [
    new RingVotes(),
    new KeyVotes(context),
    new ReadsKept(context),
    new Departed(context),
    new EpochFence(),
    new ArcsWhole(context),
    new OneEffect(context),
    new RecoveredWhole(context),
  ];
}
