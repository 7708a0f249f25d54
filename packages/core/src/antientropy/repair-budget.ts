import { limits } from '../base/limits.ts';

/** What clients make the nodes do at the moment, as far as this node knows. */
export interface Foreground {
  /** Requests of clients a second: of the node that serves most of them. */
  readonly perSecond: number;
  /** Slowest p99 of their reads and writes on any node, in ms; null where nobody has measured one. */
  readonly p99Ms: number | null;
}

/** How fast an exchange may go. */
export interface RepairPace {
  readonly bucketsAtOnce: number;
  readonly repairsAtOnce: number;
  /** Between the beginnings of two buckets, in ms. */
  readonly pauseMs: number;
}

/** Fewer requests a second than this are not slowed by anything that repair does: it goes as fast as it can. */
const calmPerSecond = 50;
/** Requests in flight on this node that are taken for a load before anybody has measured one. */
const calmInFlight = 8;
/** Buckets that may be gone through for each request of a client, at first and at most: a bucket costs about as much as a write. */
const shareMax = 0.01;
const shareMin = 0.001;
/** However many requests there are, or few: repair comes to its end. */
const perSecondMin = 5;
/** Requests that take so much longer than without repair are slowed by it, or by something that it should not add to. */
const slowedBy = 1.1;
/** Weight of the newest measurement in the p99 without repair. */
const calmWeight = 0.2;

const fullPace: RepairPace = {
  bucketsAtOnce: limits.bucketsInFlightMax,
  repairsAtOnce: limits.repairsInFlightMax,
  pauseMs: 0,
};

/**
 * How much repair may take from clients. While they ask for little it takes what it can get. Under load it takes a share of
 * their requests, which is halved each second in which their p99 is a tenth over what it was while nothing was repaired, and
 * grows by a tenth of its bound in each other (additive increase, multiplicative decrease: Chiu, Jain, 1989).
 */
export class RepairBudget {
  #foreground: Foreground = { perSecond: 0, p99Ms: null };
  #calmP99Ms: number | null = null;
  #share = shareMax;

  /** Once a second: what was measured, and whether something was being repaired meanwhile. */
  note(foreground: Foreground, repairing: boolean): void {
    this.#foreground = foreground;
    const { p99Ms } = foreground;
    if (p99Ms === null) return;
    if (!repairing) {
      this.#calmP99Ms =
        this.#calmP99Ms === null ? p99Ms : this.#calmP99Ms + calmWeight * (p99Ms - this.#calmP99Ms);
      this.#share = shareMax;
      return;
    }
    const isSlowed = this.#calmP99Ms !== null && p99Ms > slowedBy * this.#calmP99Ms;
    this.#share = isSlowed
      ? Math.max(shareMin, this.#share / 2)
      : Math.min(shareMax, this.#share + shareMax / 10);
  }

  /** The pace now; `inFlight`: requests of clients that this node has in hand. */
  pace(inFlight: number): RepairPace {
    const { perSecond } = this.#foreground;
    if (perSecond < calmPerSecond && inFlight < calmInFlight) return fullPace;
    const buckets = Math.max(perSecondMin, perSecond * this.#share);
    return { bucketsAtOnce: 2, repairsAtOnce: 1, pauseMs: 1000 / buckets };
  }
}
