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
  /** Token of the vnode after it. */
  readonly end: Bucket;
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
 * on the sum of squared surpluses, which is convex.) Where that is not enough, because gaps lie between vnodes of a member
 * that owns too much, members that own too little take the place of vnodes that go. The tokens for it come from where two
 * of theirs lie one behind the other, at no cost, and then from their shortest arcs, which move beside what must. Only when
 * no such place is left do they take of what had an owner that stays.
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
  const tokenNow = (token: Bucket) => movedTo.get(token) ?? token;
  const tokens = staying.map((member) => member.tokens.map(tokenNow));
  const orphaned = new Map(borders.map(({ end, gap, shift }) => [tokenNow(end), gap - shift] as const));
  resettle(tokens, owned, orphaned, staying);
  return staying.map((member, i) => ({ ...member, tokens: tokens[i]!.sort((a, b) => a - b) }));
}

/** By member: buckets owned if every gap falls to the vnode after it. */
function ownedWith(staying: readonly MemberShape[], gone: readonly Bucket[]): number[] {
  const owned = staying.map(() => 0);
  for (const { after, ownAfter, gap } of bordersOf(staying, gone)) owned[after]! += ownAfter + gap;
  return owned;
}

/**
 * Moves tokens, one at a time, from the member that owns least for its weight to that which owns most. `orphaned`: of how
 * many buckets, at the beginning of the arc that ends at a token, the owner goes.
 */
function resettle(
  tokens: Bucket[][],
  owned: number[],
  orphaned: Map<Bucket, number>,
  members: readonly MemberShape[],
): void {
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
    const cost = (token: Bucket) => (circle.nodeAt(circle.next(token)) === least ? 0 : circle.length(token));
    const given = extreme(tokens[least]!, (token) => -cost(token));
    const lost = cost(given);
    const wanted = Math.min(Math.ceil(surplus(most)), Math.ceil(lost - surplus(least)));
    const place = placeIn(tokens[most]!, lost, orphaned, circle);
    const gained = Math.min(place.buckets, wanted);
    if (gained <= lost) return;
    const heir = circle.next(given);
    circle.remove(given);
    // What falls to the heir comes before what it had: its arc no longer begins with what has no owner.
    orphaned.delete(heir);
    owned[least]! += gained - lost;
    owned[circle.nodeAt(heir)]! += lost;
    owned[most]! -= gained;
    orphaned.set(place.end, (orphaned.get(place.end) ?? 0) - gained);
    tokens[least]!.splice(tokens[least]!.indexOf(given), 1, circle.split(place.end, gained, least));
  }
}

/** Where among these vnodes a token may go, and how many buckets it may take: those without an owner before any others. */
function placeIn(
  tokens: readonly Bucket[],
  lost: number,
  orphaned: ReadonlyMap<Bucket, number>,
  circle: Circle,
): { readonly end: Bucket; readonly buckets: number } {
  const free = (token: Bucket) => Math.min(orphaned.get(token) ?? 0, circle.length(token) - 1);
  const roomy = extreme(tokens, free);
  if (free(roomy) > lost) return { end: roomy, buckets: free(roomy) };
  const long = extreme(tokens, (token) => circle.length(token));
  return { end: long, buckets: circle.length(long) - 1 };
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
      end: after.token,
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
