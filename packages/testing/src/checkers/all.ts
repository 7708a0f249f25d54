import type { CheckContext, Checker } from './checker.ts';
import { NoLostWrite } from './i01-no-lost-write.ts';
import { NoPhantom } from './i03-no-phantom.ts';
import { FailedStaysInvisible } from './i04-failed-stays-invisible.ts';
import { CausalContextLaw } from './i05-causal-context.ts';
import { UniqueDots } from './i06-unique-dots.ts';
import { ClockNeverShrinks } from './i07-clock-never-shrinks.ts';
import { NoSiblingExplosion } from './i08-no-sibling-explosion.ts';
import { Convergence } from './i11-convergence.ts';
import { GoesQuiet } from './i12-goes-quiet.ts';
import { Sessions } from './i15-sessions.ts';
import { LinearizableRegisters } from './i16-linearizable-registers.ts';
import { MembershipConverges } from './i17-membership-converges.ts';
import { Incarnations } from './i18-incarnations.ts';
import { RingAgreement } from './i20-ring-agreement.ts';
import { Balance } from './i21-balance.ts';
import { Handover } from './i22-handover.ts';
import { HintsKept } from './i23-hints-kept.ts';
import { Bounds } from './i24-bounds.ts';
import { DurabilityOrder } from './i25-durability-order.ts';
import { DamageShown } from './i26-damage-shown.ts';
import { Expiry } from './i35-expiry.ts';
import { Listings } from './i36-listings.ts';
import { Explanations } from './i37-explanations.ts';
import { DerivedRows } from './i38-derived-rows.ts';
import { ConflictsListed } from './i39-conflicts-listed.ts';
import { TreesTellRows } from './i40-trees-tell-rows.ts';
import { ClockHeard } from './i41-clock-heard.ts';
import { PlanKept } from './i42-plan-kept.ts';
import { protocolCheckers } from './protocol.ts';

/** One checker for each invariant that is checked by looking on, in order of its id. */
export function allCheckers(context: CheckContext): Checker[] {
  return [
    new NoLostWrite(context),
    new NoPhantom(context),
    new FailedStaysInvisible(context),
    new CausalContextLaw(context),
    new UniqueDots(context),
    new ClockNeverShrinks(),
    new NoSiblingExplosion(context),
    new Convergence(context),
    new GoesQuiet(context),
    new Sessions(context),
    new LinearizableRegisters(context),
    new MembershipConverges(context),
    new Incarnations(context),
    new RingAgreement(context),
    new Balance(),
    new Handover(context),
    new HintsKept(context),
    new Bounds(context),
    new DurabilityOrder(context),
    new DamageShown(context),
    new Expiry(context),
    new Listings(context),
    new Explanations(context),
    new DerivedRows(context),
    new ConflictsListed(context),
    new TreesTellRows(context),
    new ClockHeard(context),
    new PlanKept(),
    ...protocolCheckers(context),
  ];
}
