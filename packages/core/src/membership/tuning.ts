/**
 * Every knob of the membership machine. Times in milliseconds. The arithmetic behind the defaults is in
 * docs/decisions/0021; the formulas are in `scaling.ts`.
 */
export interface SwimTuning {
  /** One member is probed per interval; an unanswered probe is concluded at its end. */
  readonly probeIntervalMs: number;
  /** Wait for a direct answer before helpers and TCP are tried. */
  readonly probeTimeoutMs: number;
  /** A helper that has waited this share of `probeTimeoutMs` says that it is well but got no answer (Lifeguard: 80 %). */
  readonly nackShare: number;
  /** Helpers asked per probe. */
  readonly indirectChecks: number;
  /** Scales the shortest suspicion; two less than it is the number of confirmations wanted. */
  readonly suspicionMultiplier: number;
  /** Members up to which a crash is to be certain in under 5 s: the shortest suspicion grows with the cluster only over it. */
  readonly promptMembers: number;
  /** The longest suspicion, as a multiple of the shortest. */
  readonly suspicionMaxMultiplier: number;
  /** Local health runs from 0 to one less; a waiting probe lasts up to this many intervals. */
  readonly healthMultiplierMax: number;
  /** Pause between two rounds of gossip while there is news. */
  readonly gossipIntervalMs: number;
  /** Members told per round. */
  readonly gossipNodes: number;
  /** Scales how often each piece of news is sent. */
  readonly retransmitMultiplier: number;
  /** How long a dead member is still among those gossiped to, so that it can refute. */
  readonly gossipToTheDeadMs: number;
  /** Base interval of push/pull with a random member. */
  readonly syncIntervalMs: number;
  /** A member whose beliefs differ is asked once this node's own have been the same for so long; see `view.ts`. */
  readonly viewSettleMs: number;
  /** One dead member is contacted per interval, for ever. */
  readonly reconnectIntervalMs: number;
  /** Retry of a seed or remembered peer: doubles from the first to the second. */
  readonly contactBackoffMinMs: number;
  readonly contactBackoffMaxMs: number;
  /** How long a member must have been dead before another data directory may take its node id. */
  readonly reclaimAfterMs: number;
  /** A timer this late says that this process was not running, so that silence of others proves nothing. */
  readonly stallMs: number;
  /** Changes of the peer list are gathered this long before the host is told, which writes them to disk. */
  readonly peersDelayMs: number;
  /** Members told directly at once when this node leaves; gossip tells the rest. */
  readonly leaveNodes: number;
}

/** The product's defaults: in a healthy cluster of 2 to 50 a crash is certain to all others in under 5 s. */
export const swimTuning: SwimTuning = {
  probeIntervalMs: 500,
  probeTimeoutMs: 200,
  nackShare: 0.8,
  indirectChecks: 3,
  suspicionMultiplier: 5,
  promptMembers: 50,
  suspicionMaxMultiplier: 6,
  healthMultiplierMax: 8,
  gossipIntervalMs: 200,
  gossipNodes: 3,
  retransmitMultiplier: 4,
  gossipToTheDeadMs: 30_000,
  syncIntervalMs: 30_000,
  viewSettleMs: 1_000,
  reconnectIntervalMs: 5_000,
  contactBackoffMinMs: 500,
  contactBackoffMaxMs: 10_000,
  reclaimAfterMs: 60_000,
  stallMs: 100,
  peersDelayMs: 1_000,
  leaveNodes: 8,
};
