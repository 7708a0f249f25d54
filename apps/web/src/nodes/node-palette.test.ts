import { describe, expect, it } from 'vitest';
import { coloursKept, NodePalette, paletteSize } from './node-palette.ts';

function slots(palette: NodePalette, nodeIds: readonly string[]) {
  return nodeIds.map((nodeId) => palette.slotOf(nodeId));
}

describe('node colours', () => {
  it('gives numbered nodes the colour of their number, whoever else is there', () => {
    const palette = new NodePalette();
    palette.learn(['node-3', 'node-1', 'node-2']);
    expect(slots(palette, ['node-1', 'node-2', 'node-3'])).toEqual([0, 1, 2]);
  });

  it('gives different nodes different colours while there are any left', () => {
    const palette = new NodePalette();
    const nodeIds = Array.from({ length: paletteSize }, (_, at) => `rack-${'abcdefghijklmnop'[at]}`);
    palette.learn(nodeIds);
    expect(new Set(slots(palette, nodeIds)).size).toBe(paletteSize);
  });

  it('never changes a colour it has given', () => {
    const palette = new NodePalette();
    palette.learn(['zed', 'b-1']);
    const before = slots(palette, ['zed', 'b-1']);
    palette.learn(['a-1', 'aaa', 'zed', 'b-1']);
    expect(slots(palette, ['zed', 'b-1'])).toEqual(before);
  });

  it('repeats colours beyond the palette instead of failing', () => {
    const palette = new NodePalette();
    const nodeIds = Array.from({ length: 100 }, (_, at) => `node-${at + 1}`);
    palette.learn(nodeIds);
    expect(slots(palette, nodeIds).every((slot) => slot >= 0 && slot < paletteSize)).toBe(true);
    expect(slots(palette, ['node-1', 'node-2', 'node-3'])).toEqual([0, 1, 2]);
  });

  it('remembers a bounded number of names, and still colours the rest', () => {
    const palette = new NodePalette();
    palette.learn(Array.from({ length: coloursKept }, (_, at) => `early-${at + 1}`));
    palette.learn(['late-2']);
    palette.learn(['late-2', 'late-3']);
    expect(slots(palette, ['late-2', 'late-3'])).toEqual([1, 2]);
  });
});
