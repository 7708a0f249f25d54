import type { Now } from '@starling/core/node/input.ts';
import type { Prng } from './prng.ts';

/** How far one seed's clocks may lie. */
export interface ClockFaults {
  /** Wall clocks start this far apart at most, either way, in ms. */
  readonly offsetMsMax: number;
  /** Rate error of both clocks, as a share: 0.01 is 1 %. */
  readonly driftMax: number;
  /** Wall clock jumps per lifetime and their greatest size in ms. */
  readonly jumps: number;
  readonly jumpMsMax: number;
}

export const honestClocks: ClockFaults = { offsetMsMax: 0, driftMax: 0, jumps: 0, jumpMsMax: 0 };

/** Where all wall clocks would stand at virtual time 0 if they were right: the start of 2026, UTC. */
export const simulationEpochMs = 1_767_225_600_000;

/**
 * The two clocks of one machine. The monotonic one only drifts; the wall clock also starts wrong, jumps and can stand
 * still. Both are functions of virtual time, so they cost nothing between readings.
 */
export class NodeClock {
  readonly #rate: number;
  readonly #monoBase: number;
  #wallOffset: number;
  #frozenAt: number | null = null;
  #latestWall = Number.NEGATIVE_INFINITY;

  constructor(random: Prng, faults: ClockFaults) {
    this.#rate = 1 + random.real(-faults.driftMax, faults.driftMax);
    this.#monoBase = random.below(10_000_000);
    this.#wallOffset = Math.round(random.real(-faults.offsetMsMax, faults.offsetMsMax));
  }

  read(virtual: number): Now {
    const wall = this.wall(virtual);
    if (wall > this.#latestWall) this.#latestWall = wall;
    return { mono: this.mono(virtual), wall };
  }

  /** The latest wall time that was ever read off this clock: it may have jumped back since. */
  get latestWall(): number {
    return this.#latestWall;
  }

  mono(virtual: number): number {
    return this.#monoBase + virtual * this.#rate;
  }

  wall(virtual: number): number {
    return simulationEpochMs + this.#wallOffset + (this.#frozenAt ?? virtual) * this.#rate;
  }

  /** The earliest virtual time at which the monotonic clock reads at least `mono`. */
  virtualAt(mono: number): number {
    let virtual = (mono - this.#monoBase) / this.#rate;
    // Rounding may land just short, and a tick that comes early would be set again for ever.
    while (this.mono(virtual) < mono) virtual += 1e-6 + Math.abs(virtual) * 1e-15;
    return virtual;
  }

  /** Moves the wall clock by `ms`, either way. */
  jump(ms: number): void {
    this.#wallOffset += ms;
  }

  freezeWall(virtual: number): void {
    this.#frozenAt = virtual;
  }

  /** The wall clock runs again, from where it stood. */
  thawWall(virtual: number): void {
    if (this.#frozenAt === null) return;
    this.#wallOffset -= (virtual - this.#frozenAt) * this.#rate;
    this.#frozenAt = null;
  }

  /** Sets the wall clock right, as a time service would. */
  correctWall(virtual: number): void {
    this.thawWall(virtual);
    this.#wallOffset = virtual - virtual * this.#rate;
  }
}
