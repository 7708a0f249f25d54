import { assert } from './assert.ts';

/** Places at first, and when there are never more at one time; both are powers of two. */
const placesMin = 64;
const placesMax = 4096;

/**
 * Values that come and soon go again, by numbers that only ascend: requests, calls, reads.
 *
 * A `Map` is the wrong home for them. Once it is old, V8 makes each of its later tables in the old generation, and every
 * table it leaves behind keeps what was in flight at that moment alive until the next full collection: of what requests
 * allocated, 40 % was copied and promoted for nothing. Here a value has a place by its number in one array that stays; what
 * is still there when its place is wanted again is a straggler, and only stragglers go into a `Map`.
 */
export class InFlight<T> {
  #numbers: number[] = new Array(placesMin).fill(0);
  #values: (T | null)[] = new Array(placesMin).fill(null);
  readonly #stragglers = new Map<number, T>();
  #newest = 0;
  #size = 0;

  /** Values held. */
  get size(): number {
    return this.#size;
  }

  /** Takes `value` in under a number of 1 or more, higher than any before. */
  add(number: number, value: T): void {
    assert(number > this.#newest, 'numbers ascend');
    while (this.#isTaken(number) && this.#values.length < placesMax) this.#grow();
    this.#makeRoom(number);
    this.#put(number, value);
    this.#newest = number;
    this.#size++;
  }

  get(number: number): T | undefined {
    const place = this.#placeOf(number);
    if (this.#numbers[place] === number) return this.#values[place] ?? undefined;
    return this.#stragglers.get(number);
  }

  /** Removes and answers the value under `number`. */
  take(number: number): T | undefined {
    const place = this.#placeOf(number);
    if (this.#numbers[place] !== number) return this.#takeStraggler(number);
    const value = this.#values[place];
    if (value === null || value === undefined) return undefined;
    this.#values[place] = null;
    this.#size--;
    return value;
  }

  /** All that is held at the time of the call, in order of number. Takes a look at every place. */
  entries(): (readonly [number: number, value: T])[] {
    const found: (readonly [number, T])[] = [...this.#stragglers];
    for (const [place, value] of this.#values.entries()) {
      if (value !== null) found.push([this.#numbers[place]!, value]);
    }
    return found.sort(([a], [b]) => a - b);
  }

  #placeOf(number: number): number {
    return number % this.#values.length;
  }

  #isTaken(number: number): boolean {
    return this.#values[this.#placeOf(number)] !== null;
  }

  #put(number: number, value: T): void {
    const place = this.#placeOf(number);
    this.#numbers[place] = number;
    this.#values[place] = value;
  }

  #makeRoom(number: number): void {
    if (!this.#isTaken(number)) return;
    const place = this.#placeOf(number);
    const value = this.#values[place];
    if (value !== null && value !== undefined) this.#stragglers.set(this.#numbers[place]!, value);
  }

  #takeStraggler(number: number): T | undefined {
    const value = this.#stragglers.get(number);
    if (this.#stragglers.delete(number)) this.#size--;
    return value;
  }

  /** Numbers with places of their own among n have them among 2n too. */
  #grow(): void {
    const held = this.#values.map((value, place) => ({ number: this.#numbers[place]!, value }));
    this.#numbers = new Array(2 * held.length).fill(0);
    this.#values = new Array(2 * held.length).fill(null);
    for (const { number, value } of held) if (value !== null) this.#put(number, value);
  }
}
