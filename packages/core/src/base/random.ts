/** The core's only source of chance. The driver gives it: strong randomness in production, a seed in the simulator. */
export interface Random {
  /** A uniform integer from 0 to 2^32 − 1. */
  uint32(): number;
}

/** A uniform integer from 0 to `bound − 1`; `bound` is 1 to 2^32. The bias, below 2^-32·bound, does not matter here. */
export function below(random: Random, bound: number): number {
  return Math.floor((random.uint32() / 4_294_967_296) * bound);
}

/** A uniform number in [0, 1). */
export function fraction(random: Random): number {
  return random.uint32() / 4_294_967_296;
}

/** `count` different items in random order, or all of them if there are fewer (partial Fisher–Yates, on a copy). */
export function sample<T>(random: Random, items: readonly T[], count: number): T[] {
  const pool = items.slice();
  const size = Math.min(count, pool.length);
  for (let i = 0; i < size; i++) {
    const j = i + below(random, pool.length - i);
    const picked = pool[j]!;
    pool[j] = pool[i]!;
    pool[i] = picked;
  }
  pool.length = size;
  return pool;
}

/** `digits` lower-case hexadecimal digits (1 to 64). */
export function randomHex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) text += random.uint32().toString(16).padStart(8, '0');
  return text.slice(0, digits);
}
