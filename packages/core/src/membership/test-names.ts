/** For tests only: chance from a seed, and names that must be well formed. */
import { assert } from '../base/assert.ts';
import { type Address, type NodeId, parseAddress, parseNodeId } from '../base/ids.ts';
import type { Random } from '../base/random.ts';

/** A seeded generator (Steele, Lea, Flood: "SplitMix", 2014, 32-bit variant). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    uint32() {
      state = (state + 0x9e3779b9) >>> 0;
      let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    },
  };
}

export function nodeId(text: string): NodeId {
  const id = parseNodeId(text);
  assert(id !== null, 'a test names nodes well');
  return id;
}

export function address(text: string): Address {
  const parsed = parseAddress(text);
  assert(parsed !== null, 'a test names addresses well');
  return parsed;
}
