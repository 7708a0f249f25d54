/**
 * How waits and efforts grow with the cluster: the formulas of hashicorp/memberlist as its code has them (`util.go`,
 * `suspicion.go`, `state.go`), which differ from its comments in places. Pure functions; times in milliseconds.
 */

/**
 * Shortest time from suspicion to death: `multiplier × max(1, log10(n)) × probe interval`, the logarithm truncated
 * to thousandths. `members` counts this node too.
 */
export function suspicionMinMs(members: number, multiplier: number, probeIntervalMs: number): number {
  const thousandths = Math.floor(Math.max(1, Math.log10(Math.max(1, members))) * 1000);
  return (multiplier * thousandths * probeIntervalMs) / 1000;
}

/**
 * Independent accusers, beside the first, that shorten a suspicion to its minimum. 0 when so few members could
 * confirm that waiting for them would only delay: then the minimum holds from the start.
 */
export function confirmationsWanted(members: number, multiplier: number): number {
  const wanted = Math.max(0, multiplier - 2);
  return members - 2 < wanted ? 0 : wanted;
}

/**
 * As above, but no more than half of those who could confirm. memberlist wants all three others of five, so that one
 * lost packet, or a second crash, costs seconds.
 */
export function confirmationsNeeded(members: number, multiplier: number): number {
  return Math.min(confirmationsWanted(members, multiplier), Math.floor(Math.max(0, members - 2) / 2));
}

/**
 * Length of a suspicion after `confirmations` of `wanted`: falls with their logarithm from `maxMs` to `minMs`
 * (Dadgar, Phillips, Currey: "Lifeguard", 2018, §IV-B).
 */
export function suspicionMs(minMs: number, maxMs: number, wanted: number, confirmations: number): number {
  if (wanted < 1) return minMs;
  const share = Math.log(confirmations + 1) / Math.log(wanted + 1);
  return Math.max(minMs, Math.floor(maxMs - share * (maxMs - minMs)));
}

/** Times one piece of news is sent by each member: `multiplier × ⌈log10(n + 1)⌉`. */
export function retransmitLimit(members: number, multiplier: number): number {
  return multiplier * Math.ceil(Math.log10(members + 1));
}

/** Members up to which push/pull runs at its base interval (memberlist's `pushPullScaleThreshold`). */
const syncScaleMembers = 32;

/** Interval of push/pull, stretched as the cluster grows so that its total traffic grows slower than n². */
export function syncScaledMs(members: number, intervalMs: number): number {
  if (members <= syncScaleMembers) return intervalMs;
  return (Math.ceil(Math.log2(members) - Math.log2(syncScaleMembers)) + 1) * intervalMs;
}
