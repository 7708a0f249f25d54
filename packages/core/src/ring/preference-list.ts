/**
 * Preference lists: which nodes hold the replicas of an arc (DeCandia et al., "Dynamo", SOSP 2007, §4.3 and §6.2),
 * spread over zones so that the loss of a zone costs as few replicas of a key as it can.
 *
 * Everything here works on indexes instead of names: lists are built for each vnode of a ring, up to tens of
 * thousands, whenever an epoch changes.
 */

/** The vnodes of one ring in ascending order of token. */
export interface Circle {
  /** Index of each vnode's node. */
  readonly nodes: readonly number[];
  /** Zone of each node, by node index. */
  readonly zoneOf: readonly number[];
}

/**
 * The walk goes round by round: in round r (from 1) a zone may hold at most r replicas of the key. The answer says
 * how long the list is after each round. So replicas lie in as many zones as there are, up to N, and where zones
 * are fewer than N each holds as equal a share as its size allows. `zoneSizes` counts the nodes of each zone.
 */
export function roundTargets(zoneSizes: readonly number[], replicas: number): readonly number[] {
  const nodes = zoneSizes.reduce((sum, size) => sum + size, 0);
  const wanted = Math.min(replicas, nodes);
  const targets: number[] = [];
  for (let round = 1; targets.at(-1) !== wanted; round++) {
    const reachable = zoneSizes.reduce((sum, size) => sum + Math.min(size, round), 0);
    targets.push(Math.min(wanted, reachable));
  }
  return targets;
}

/**
 * Node indexes that hold the arc which ends at vnode `start`, most preferred first: the owner of the arc, then the
 * first different nodes clockwise, passing over nodes of a zone that is full in this round. `targets` comes from
 * `roundTargets` for the nodes of this circle, which is why every round finds what it looks for.
 */
export function preferenceList(circle: Circle, start: number, targets: readonly number[]): number[] {
  const { nodes, zoneOf } = circle;
  const list: number[] = [];
  for (let round = 0; round < targets.length; round++) {
    const target = targets[round]!;
    for (let i = start; list.length < target; i = i + 1 === nodes.length ? 0 : i + 1) {
      const node = nodes[i]!;
      if (!list.includes(node) && zoneCount(list, zoneOf, zoneOf[node]!) <= round) list.push(node);
    }
  }
  return list;
}

function zoneCount(list: readonly number[], zoneOf: readonly number[], zone: number): number {
  let count = 0;
  for (const node of list) if (zoneOf[node] === zone) count++;
  return count;
}

/** Number of nodes in each zone, counting only nodes for which `counts` holds. Zones are 0, 1, 2, … */
export function zoneSizes(zoneOf: readonly number[], counts: (node: number) => boolean): readonly number[] {
  const sizes: number[] = [];
  for (let node = 0; node < zoneOf.length; node++) {
    const zone = zoneOf[node]!;
    while (sizes.length <= zone) sizes.push(0);
    if (counts(node)) sizes[zone]! += 1;
  }
  return sizes;
}

/** A number for each zone name, by first appearance. */
export function zoneIndexes(zones: readonly string[]): readonly number[] {
  const index = new Map<string, number>();
  return zones.map((zone) => {
    const known = index.get(zone) ?? index.size;
    index.set(zone, known);
    return known;
  });
}
