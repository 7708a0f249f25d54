import { agreementMutations } from './agreement.ts';
import { answerMutations } from './answers.ts';
import { antiEntropyMutations } from './antientropy.ts';
import { causalityMutations } from './causality.ts';
import { conflictMutations } from './conflicts.ts';
import { derivedMutations } from './derived.ts';
import { durabilityMutations } from './durability.ts';
import { edgeMutations } from './edges.ts';
import { hintMutations } from './hints.ts';
import { leavingMutations } from './leaving.ts';
import { membershipMutations } from './membership.ts';
import type { Mutation } from './mutation.ts';
import { quorumMutations } from './quorum.ts';
import { ringMutations } from './ring.ts';
import { transferMutations } from './transfer.ts';

/** Every mutation, in the order in which they are tried. Names are unique. */
export const corpus: readonly Mutation[] = [
  ...durabilityMutations,
  ...quorumMutations,
  ...causalityMutations,
  ...conflictMutations,
  ...hintMutations,
  ...ringMutations,
  ...transferMutations,
  ...membershipMutations,
  ...edgeMutations,
  ...answerMutations,
  ...derivedMutations,
  ...leavingMutations,
  ...antiEntropyMutations,
  ...agreementMutations,
];
