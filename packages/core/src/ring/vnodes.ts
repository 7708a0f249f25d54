import { limits } from '../base/limits.ts';
import type { Walk } from './preference-list.ts';
import type { MemberShape } from './ring-doc.ts';

/** The vnodes of some members in ascending order of token: the i-th ends at `tokens[i]` and is of member `nodes[i]`. */
export class Vnodes implements Walk {
  readonly tokens: Uint16Array;
  /** Indexes into the members. */
  readonly nodes: Uint16Array;

  constructor(tokens: Uint16Array, nodes: Uint16Array) {
    this.tokens = tokens;
    this.nodes = nodes;
  }

  /** The member of the `at`-th vnode. */
  nodeAt(at: number): number {
    return this.nodes[at]!;
  }

  /** The vnode after the `at`-th, clockwise. */
  next(at: number): number {
    return at + 1 === this.nodes.length ? 0 : at + 1;
  }
}

/** All vnodes of the members. */
export function vnodesOf(members: readonly MemberShape[]): Vnodes {
  const { ringMembersMax } = limits;
  // As numbers, which sort without a call for each comparison.
  const sorted = new Uint32Array(members.reduce((sum, { tokens }) => sum + tokens.length, 0));
  let filled = 0;
  members.forEach(({ tokens }, node) => {
    for (const token of tokens) sorted[filled++] = token * ringMembersMax + node;
  });
  sorted.sort();
  const tokens = new Uint16Array(sorted.length);
  const nodes = new Uint16Array(sorted.length);
  for (let i = 0; i < sorted.length; i++) {
    tokens[i] = Math.floor(sorted[i]! / ringMembersMax);
    nodes[i] = sorted[i]! % ringMembersMax;
  }
  return new Vnodes(tokens, nodes);
}
