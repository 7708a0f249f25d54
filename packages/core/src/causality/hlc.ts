/**
 * Hybrid logical clocks (Kulkarni, Demirbas, Madappa, Avva, Leone: "Logical physical clocks", OPODIS 2014): readings
 * that respect causality and stay near the wall clock. A reading is milliseconds × 1024 + logical; more than 1024
 * events in a millisecond carry into the milliseconds, which is harmless.
 */
import { assert } from '../base/assert.ts';
import type { Hlc, WallMs } from '../base/ids.ts';

/** Logical readings per millisecond. */
const perMs = 1024;

/**
 * Last wall time that is taken over, in ms (the year 2248). What lies between here and the end of the safe integers
 * is room to count up by one: 2^43 writes to a key whose HLC some clock has run to the end.
 */
const wallMsMax = 2 ** 43 - 2 ** 33;

/** The first reading of a wall time. */
export function hlcOf(wallMs: WallMs): Hlc {
  return (Math.floor(Math.min(Math.max(wallMs, 0), wallMsMax)) * perMs) as Hlc;
}

/** The wall time a reading stands for. */
export function wallOf(hlc: Hlc): WallMs {
  return Math.floor(hlc / perMs);
}

/**
 * The clock of one node. It never goes back while the process lives, and a peer or a record can push it ahead of the
 * wall clock by at most `maxDriftMs`: without that bound one bad clock would drag the whole cluster along for ever.
 */
export class HlcClock {
  readonly #maxDriftMs: number;
  #last = 0 as Hlc;

  constructor(maxDriftMs: number) {
    this.#maxDriftMs = maxDriftMs;
  }

  /** The reading to send along with messages at the wall time `wallMs`. Issues nothing. */
  read(wallMs: WallMs): Hlc {
    return later(this.#last, hlcOf(wallMs));
  }

  /** Learns a peer's reading. False when it is further ahead of this wall clock than clocks may drift: it is ignored. */
  observe(remote: Hlc, wallMs: WallMs): boolean {
    if (remote > hlcOf(wallMs + this.#maxDriftMs)) return false;
    this.#last = later(this.#last, remote);
    return true;
  }

  /**
   * A reading above `above`, whatever that is, and above every reading the clock has stood at. If `above` is beyond
   * the allowed drift, only the answer goes there: this one key has been run ahead, the node's clock has not.
   */
  issue(wallMs: WallMs, above: Hlc): Hlc {
    const next = later(hlcOf(wallMs), (this.#last + 1) as Hlc);
    const issued = above < next ? next : ((above + 1) as Hlc);
    assert(Number.isSafeInteger(issued), 'an HLC is a safe integer');
    this.#last = issued > hlcOf(wallMs + this.#maxDriftMs) ? next : issued;
    return issued;
  }
}

function later(a: Hlc, b: Hlc): Hlc {
  return a > b ? a : b;
}
