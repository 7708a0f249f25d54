/**
 * The fewest items that still fail, as far as leaving out one run of neighbours at a time finds them: delta debugging
 * without its tests of the parts alone (Zeller & Hildebrandt, "Simplifying and isolating failure-inducing input", 2002).
 * Stops with what it has when `enough` says so.
 */
export function minimiseList<Item>(
  items: readonly Item[],
  fails: (rest: readonly Item[]) => boolean,
  enough: () => boolean,
): readonly Item[] {
  let left = items;
  for (let size = Math.max(1, left.length >> 1); left.length > 0 && !enough(); ) {
    const before = left.length;
    // From the end, since what comes late rarely bears what came before.
    for (let end = left.length; end > 0 && !enough(); end -= size) {
      const rest = [...left.slice(0, Math.max(0, end - size)), ...left.slice(end)];
      if (fails(rest)) left = rest;
    }
    if (size === 1 && left.length === before) break;
    size = Math.max(1, size >> 1);
  }
  return left;
}
