/** Every bound of a tab's live view: name, value, unit (last word), reason. */
export const liveLimits = {
  /** Seconds of history kept for charts: a quarter of an hour covers an incident's beginning at 40 kB per node. */
  historySeconds: 900,
  /** Nodes whose history is kept: those heard longest ago go first, when names come and go for ever. */
  historyNodesMax: 256,
  /** Events kept for the feed and the marks on the charts. */
  eventsKept: 500,
  /** Nothing heard for so long means the node or the path to it is gone: a node speaks every second. */
  silenceMs: 2600,
  /** A frozen process still accepts connections, so an attempt must bring its snapshot within this time. */
  attemptMs: 2000,
  /** The next address is tried beside the first after this time, as browsers do for IPv6 and IPv4. */
  staggerMs: 250,
  /** First wait after every address has failed; doubled each round. */
  backoffMs: 250,
  /** Longest wait between rounds: an operator who restarts a node should not wait for the console. */
  backoffMsMax: 4000,
  /** Addresses kept of those learned from members, besides the configured ones. */
  addressesLearnedMax: 64,
  /** At most one change of what is shown in this time: ten frames a second are enough for figures. */
  publishMs: 100,
  /** A figure fades when its node has not been heard for so long. */
  fadeMs: 5000,
  /** Holes up to this long between two reports of a node are how often it reports, not a gap. */
  bridgedSeconds: 3,
} as const;
