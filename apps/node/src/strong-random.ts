import { randomFillSync } from 'node:crypto';
import type { Random } from '@starling/core';

/** The system's strong randomness, fetched for many draws at a time: a system call for each would cost more than most uses. */
export class StrongRandom implements Random {
  readonly #pool = new Uint32Array(1024);
  #next = this.#pool.length;

  uint32(): number {
    if (this.#next === this.#pool.length) {
      randomFillSync(this.#pool);
      this.#next = 0;
    }
    return this.#pool[this.#next++]!;
  }
}
