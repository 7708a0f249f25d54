/** Deterministic chance: everything random in a lifetime comes from its seed through these. */
import type { Random } from '@starling/core/base/random.ts';

/**
 * The sfc32 generator of PractRand (Chris Doty-Humphrey): 128 bits of state, passes BigCrush, four additions a word.
 * Each part of the world splits off its own, so that drawing more in one part does not shift the others.
 */
export class Prng implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Any number; its low 53 bits count. */
  constructor(seed: number, stream = 0) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 4_294_967_296) | 0;
    this.#c = stream | 0;
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** A generator of its own; the same name always gives the same one for this seed. */
  split(name: string): Prng {
    let hash = 0x811c9dc5;
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
    return new Prng((this.#a >>> 0) + (this.#b & 0xfffff) * 4_294_967_296, hash ^ this.#c);
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    return this.uint32() / 4_294_967_296;
  }

  /** A uniform integer from 0 to `bound − 1`. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** A uniform integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** A uniform number in [low, high). */
  real(low: number, high: number): number {
    return low + this.fraction() * (high - low);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Exponentially distributed with the given mean. */
  exponential(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** A copy in random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const copy = items.slice();
    for (let at = copy.length - 1; at > 0; at--) {
      const other = this.below(at + 1);
      const moved = copy[at]!;
      copy[at] = copy[other]!;
      copy[other] = moved;
    }
    return copy;
  }
}
