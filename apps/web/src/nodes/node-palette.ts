/** Colours in tokens.css: `--node-0` to `--node-15`. */
export const paletteSize = 16;

/** Names whose colour is remembered; beyond, a name gets the colour it prefers, shared or not. */
export const coloursKept = 1024;

/**
 * Gives each node one colour for as long as the tab lives. A node whose name ends in a number takes the colour of
 * that number, so node-2 looks the same in every tab; another takes the colour its name hashes to. Where that one is
 * taken, the next free one. Beyond sixteen nodes colours repeat, and labels tell nodes apart.
 */
export class NodePalette {
  private readonly slots = new Map<string, number>();

  /** Gives colours to those that have none; numbered names first, because they own theirs. */
  learn(nodeIds: readonly string[]): void {
    const unknown = nodeIds.filter((nodeId) => !this.slots.has(nodeId)).sort();
    const numbered = unknown
      .filter((nodeId) => numberOf(nodeId) !== null)
      .sort((one, other) => (numberOf(one) ?? 0) - (numberOf(other) ?? 0));
    const named = unknown.filter((nodeId) => numberOf(nodeId) === null);
    for (const nodeId of [...numbered, ...named].slice(0, coloursKept - this.slots.size)) {
      this.slots.set(nodeId, this.freeSlot(preferredSlot(nodeId)));
    }
  }

  slotOf(nodeId: string): number {
    return this.slots.get(nodeId) ?? preferredSlot(nodeId);
  }

  private freeSlot(preferred: number): number {
    const taken = new Set(this.slots.values());
    for (let step = 0; step < paletteSize; step++) {
      const slot = (preferred + step) % paletteSize;
      if (!taken.has(slot)) return slot;
    }
    return preferred;
  }
}

function numberOf(nodeId: string): number | null {
  const digits = /(\d{1,9})$/.exec(nodeId)?.[1];
  return digits === undefined ? null : Number(digits);
}

function preferredSlot(nodeId: string): number {
  const number = numberOf(nodeId);
  return number === null ? hash(nodeId) % paletteSize : (number + paletteSize - 1) % paletteSize;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return state;
}
