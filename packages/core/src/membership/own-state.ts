import { assert } from '../base/assert.ts';
import { isWellFormed } from '../base/utf8.ts';
import { sameClaim, sameFacts } from './merge.ts';
import type { SwimNotice, SwimSettings } from './options.ts';
import type { MemberClaim, MemberFacts, MemberState } from './packet.ts';
import { factsBytes } from './packet-codec.ts';
import { digestOf } from './view.ts';

/**
 * Incarnations reserved for each start of a process: it begins at `bootCounter × 2^20`, above all that its previous
 * life can have used, without having written anything. A life that refutes more often (12 days of once a second) runs
 * into the range of the next, whose process then hears of it from others and rises above.
 */
export const incarnationsPerBoot = 2 ** 20;

/** Incarnations are exact integers of a double. */
export const incarnationMax = Number.MAX_SAFE_INTEGER;

/** Most starts of one data directory, so that the first incarnation of each stays below 2^52. */
export const bootCounterMax = 2 ** 32 - 1;

/** What this node claims of itself, and how it defends that claim. */
export class OwnState {
  readonly #factsBytesMax: number;
  readonly #incarnationLeapMax: number;
  readonly #onNotice: (notice: SwimNotice) => void;
  #state: MemberState;
  #digest: number;

  constructor(settings: SwimSettings, onNotice: (notice: SwimNotice) => void) {
    const { nodeId, instanceId, bootCounter, address, facts, limits } = settings;
    assert(
      Number.isInteger(bootCounter) && bootCounter >= 1 && bootCounter <= bootCounterMax,
      'a boot counter is an integer from 1 to 2^32 - 1',
    );
    assert(/^[0-9a-f]{16}$/.test(instanceId), 'an instance id is 16 hex digits');
    this.#factsBytesMax = limits.factsBytesMax;
    this.#incarnationLeapMax = limits.incarnationLeapMax;
    this.#onNotice = onNotice;
    this.#checkFacts(facts);
    const incarnation = bootCounter * incarnationsPerBoot;
    const claim = { nodeId, instanceId, address, incarnation, factsVersion: 0, facts };
    this.#state = { claim, status: 'alive', by: nodeId };
    this.#digest = digestOf(this.#state);
  }

  get state(): MemberState {
    return this.#state;
  }

  get digest(): number {
    return this.#digest;
  }

  get claim(): MemberClaim {
    return this.#state.claim;
  }

  get hasLeft(): boolean {
    return this.#state.status === 'left';
  }

  /** New facts under the same incarnation: news, but no refutation. False if they are the old ones. */
  setFacts(facts: MemberFacts): boolean {
    this.#checkFacts(facts);
    const claim = this.#state.claim;
    if (sameFacts(claim.facts, facts)) return false;
    this.#put({ ...this.#state, claim: { ...claim, facts, factsVersion: claim.factsVersion + 1 } });
    return true;
  }

  leave(): void {
    this.#put({ ...this.#state, status: 'left' });
  }

  /** Takes a leave back: alive again, above it. */
  comeBack(): void {
    this.#raiseAbove(this.claim.incarnation);
  }

  /**
   * What others say of this very data directory. Rises above anything that this claim does not already say or
   * supersede; true if it did, because then it must be told. A node that has left lets people talk.
   */
  hear(incoming: MemberState): boolean {
    const ours = this.#state.claim;
    const theirs = incoming.claim;
    if (theirs.incarnation < ours.incarnation || this.hasLeft) return false;
    if (this.#isOwnEcho(incoming)) return false;
    return this.#rise(theirs.incarnation);
  }

  /**
   * A former holder of this node's id, dead or gone: this node's claim must be above its last one, by a whole life so
   * that it stays above if the other turns out to live on behind a partition. True if raised.
   */
  succeed(predecessor: MemberClaim): boolean {
    if (predecessor.incarnation < this.claim.incarnation || this.hasLeft) return false;
    return this.#rise(predecessor.incarnation + incarnationsPerBoot);
  }

  #isOwnEcho({ claim, status }: MemberState): boolean {
    const ours = this.#state.claim;
    return (
      status === 'alive' &&
      claim.incarnation === ours.incarnation &&
      claim.factsVersion <= ours.factsVersion &&
      sameClaim(ours, claim)
    );
  }

  #rise(incarnation: number): boolean {
    if (incarnation - this.claim.incarnation <= this.#incarnationLeapMax)
      return this.#raiseAbove(incarnation);
    this.#onNotice({ type: 'implausibleIncarnation', nodeId: this.claim.nodeId, incarnation });
    return false;
  }

  #raiseAbove(incarnation: number): boolean {
    if (incarnation >= incarnationMax) {
      this.#onNotice({ type: 'incarnationExhausted' });
      return false;
    }
    const claim = { ...this.#state.claim, incarnation: incarnation + 1, factsVersion: 0 };
    this.#put({ claim, status: 'alive', by: claim.nodeId });
    return true;
  }

  #put(state: MemberState): void {
    this.#state = state;
    this.#digest = digestOf(state);
  }

  #checkFacts(facts: MemberFacts): void {
    const { clusterId, ringEpoch, version, zone, state } = facts;
    assert(/^([0-9a-f]{16})?$/.test(clusterId), 'a cluster id is 16 hex digits or empty');
    assert(Number.isSafeInteger(ringEpoch) && ringEpoch >= 0, 'a ring epoch is a non-negative integer');
    assert(isWellFormed(version + zone + state), 'facts are well-formed text');
    assert(factsBytes(facts) <= this.#factsBytesMax, 'the facts of a node fit their bound');
  }
}
