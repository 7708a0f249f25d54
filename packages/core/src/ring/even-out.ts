import type { Bucket } from '../base/ids.ts';
import { bucketCount } from './bucket-range.ts';
import { Circle, type Placed } from './circle.ts';
import type { MemberShape } from './ring-doc.ts';

/** Passes over all gaps: each at least halves what is left to even out between two neighbours, so few are used. */
const passesMax = 64;

/** A member may own so much more than is fair for its weight before tokens move that nothing forces to. */
const unevenMax = 1.04;

/** The border between two vnodes that stay: the arcs of vnodes that go between them, if any, are a gap. */
interface Border {
  /** Index of the member whose vnode ends here. */
  readonly before: number;
  /** Its token. */
  readonly token: Bucket;
  readonly after: number;
  readonly ownAfter: number;
  /** Buckets of the gap, which fall to `after` unless given to `before`. */
  readonly gap: number;
  /** How far the token moves forward, up to the whole gap. */
  shift: number;
}

/** A vnode of a member that stays (its index), or one that goes (−1). */
interface Place {
  readonly token: Bucket;
  readonly member: number;
}

/**
 * The members as they are once the vnodes at `gone` are no more. The arc of such a vnode falls to the vnode after it; where
 * that would leave the members uneven for their weights, the vnode before the gap moves its token forward into it. So each
 * member keeps its number of tokens, and nothing moves but what must. (Balance by pairs of neighbours is coordinate descent
 * on the sum of squared surpluses, which is convex.) Only where that is not enough, because members that own too much lie
 * among themselves, do the shortest arcs of those that own too little go to where there is too much.
 */
export function withoutTokens(staying: readonly MemberShape[], gone: readonly Bucket[]): MemberShape[] {
  const borders = bordersOf(staying, gone).filter(({ gap }) => gap > 0);
  const owned = ownedWith(staying, gone);
  for (let pass = 0, moved = 1; pass < passesMax && moved > 0; pass++) {
    moved = 0;
    for (const border of borders) moved += balance(border, owned, staying);
  }
  const movedTo = new Map(
    borders.map(({ token, shift }) => [token, (token + shift) & (bucketCount - 1)] as const),
  );
  const tokens = staying.map((member) => member.tokens.map((token) => movedTo.get(token) ?? token));
  resettle(tokens, owned, staying);
  return staying.map((member, i) => ({ ...member, tokens: tokens[i]!.sort((a, b) => a - b) }));
}

/** By member: buckets owned if every gap falls to the vnode after it. */
function ownedWith(staying: readonly MemberShape[], gone: readonly Bucket[]): number[] {
  const owned = staying.map(() => 0);
  for (const { after, ownAfter, gap } of bordersOf(staying, gone)) owned[after]! += ownAfter + gap;
  return owned;
}

/** Moves tokens, one at a time, from the member that owns least for its weight into the longest arc of the one that owns most. */
function resettle(tokens: Bucket[][], owned: number[], members: readonly MemberShape[]): void {
  const weight = members.reduce((sum, member) => sum + member.weight, 0);
  const fair = members.map((member) => (member.weight * bucketCount) / weight);
  const surplus = (member: number) => owned[member]! - fair[member]!;
  const excess = members.map((_, i) => i);
  const circle = new Circle(
    tokens
      .flatMap((own, node): Placed[] => own.map((token) => ({ token, node })))
      .sort((a, b) => a.token - b.token),
  );
  for (let left = tokens.reduce((sum, own) => sum + own.length, 0); left > 0; left--) {
    excess.sort((a, b) => owned[b]! / fair[b]! - owned[a]! / fair[a]!);
    const [most, least] = [excess[0]!, excess.at(-1)!];
    if (owned[most]! <= fair[most]! * unevenMax) return;
    const short = extreme(tokens[least]!, (token) => -circle.length(token));
    const long = extreme(tokens[most]!, (token) => circle.length(token));
    const lost = circle.length(short);
    const gained = Math.min(
      circle.length(long) - 1,
      Math.ceil(surplus(most)),
      Math.ceil(lost - surplus(least)),
    );
    if (gained <= lost) return;
    const heir = circle.nodeAt(circle.next(short));
    circle.remove(short);
    owned[least]! += gained - lost;
    owned[heir]! += lost;
    owned[most]! -= gained;
    tokens[least]!.splice(tokens[least]!.indexOf(short), 1, circle.split(long, gained, least));
  }
}

function extreme(tokens: readonly Bucket[], measure: (token: Bucket) => number): Bucket {
  return tokens.reduce((best, token) => (measure(token) > measure(best) ? token : best));
}

function placesOf(staying: readonly MemberShape[], gone: readonly Bucket[]): Place[] {
  const places = gone.map((token): Place => ({ token, member: -1 }));
  staying.forEach(({ tokens }, member) => {
    for (const token of tokens) places.push({ token, member });
  });
  return places.sort((a, b) => a.token - b.token);
}

function bordersOf(staying: readonly MemberShape[], gone: readonly Bucket[]): Border[] {
  const places = placesOf(staying, gone);
  const length = (i: number) =>
    places.length === 1 ? bucketCount : (places[i]!.token - places.at(i - 1)!.token) & (bucketCount - 1);
  const stays = places.map((_, i) => i).filter((i) => places[i]!.member >= 0);
  return stays.map((here, at) => {
    const next = stays[(at + 1) % stays.length]!;
    const [before, after] = [places[here]!, places[next]!];
    const ownAfter = length(next);
    const between = stays.length === 1 ? bucketCount : (after.token - before.token) & (bucketCount - 1);
    return {
      before: before.member,
      token: before.token,
      after: after.member,
      ownAfter,
      gap: between - ownAfter,
      shift: 0,
    };
  });
}

/** Moves one border to where its two neighbours own alike for their weights; answers by how much. */
function balance(border: Border, owned: number[], members: readonly MemberShape[]): number {
  const { before, after, gap, shift } = border;
  if (before === after) return 0;
  const [front, back] = [members[before]!.weight, members[after]!.weight];
  const even = (owned[after]! / back - owned[before]! / front) / (1 / front + 1 / back);
  const by = Math.min(Math.max(Math.trunc(even), -shift), gap - shift);
  border.shift += by;
  owned[before]! += by;
  owned[after]! -= by;
  return Math.abs(by);
}
