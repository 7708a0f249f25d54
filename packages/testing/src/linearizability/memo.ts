/**
 * The set of configurations (operations placed, state) the search has been in: a hash table by a Zobrist hash of the
 * placed operations, with an exact comparison on every hit, in flat typed arrays so that a million entries cost no
 * garbage.
 */
export class ConfigurationSet {
  readonly #words: number;
  #count = 0;
  #table: Int32Array<ArrayBuffer>;
  #hashes: Uint32Array<ArrayBuffer>;
  #states: Int32Array<ArrayBuffer>;
  #bits: Uint32Array<ArrayBuffer>;

  /** `words` is the length of every bit set that will be added. */
  constructor(words: number) {
    this.#words = words;
    this.#table = new Int32Array(256);
    this.#hashes = new Uint32Array(128);
    this.#states = new Int32Array(128);
    this.#bits = new Uint32Array(128 * words);
  }

  get size(): number {
    return this.#count;
  }

  /** Adds a configuration; false if it was there. `hash` is the Zobrist hash of `bits`. */
  add(bits: Uint32Array, state: number, hash: number): boolean {
    const mixed = (hash ^ Math.imul(state + 1, 0x9e3779b1)) >>> 0;
    const mask = this.#table.length - 1;
    let slot = mixed & mask;
    for (let index = this.#table[slot]!; index !== 0; index = this.#table[slot]!) {
      if (this.#equals(index - 1, bits, state, mixed)) return false;
      slot = (slot + 1) & mask;
    }
    this.#append(bits, state, mixed);
    this.#table[slot] = this.#count;
    if (this.#count * 2 > this.#table.length) this.#rehash();
    return true;
  }

  #equals(index: number, bits: Uint32Array, state: number, mixed: number): boolean {
    if (this.#hashes[index] !== mixed || this.#states[index] !== state) return false;
    const base = index * this.#words;
    for (let word = 0; word < this.#words; word++) {
      if (this.#bits[base + word] !== bits[word]) return false;
    }
    return true;
  }

  #append(bits: Uint32Array, state: number, mixed: number): void {
    const index = this.#count++;
    if (index === this.#states.length) this.#grow();
    this.#hashes[index] = mixed;
    this.#states[index] = state;
    this.#bits.set(bits, index * this.#words);
  }

  #grow(): void {
    const capacity = this.#states.length * 2;
    const hashes = new Uint32Array(capacity);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const states = new Int32Array(capacity);
    states.set(this.#states);
    this.#states = states;
    const bits = new Uint32Array(capacity * this.#words);
    bits.set(this.#bits);
    this.#bits = bits;
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let index = 0; index < this.#count; index++) {
      let slot = this.#hashes[index]! & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = index + 1;
    }
    this.#table = table;
  }
}
