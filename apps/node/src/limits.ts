/**
 * Every bound of the server process around the database core: name, value, unit (last word of the name or the word
 * before `Max`), reason. `docs/limits.md` is generated from this file and from the core's.
 */
export const nodeLimits = {
  /** Bytes waiting for one peer: more than two seconds of a busy 100 Mbit/s link; over it messages are dropped, and the core's own timeouts answer for them. */
  peerQueueBytesMax: 33_554_432,
  /** Bytes of one frame between nodes: several messages of the greatest size; more would hold up those behind it. */
  peerFrameBytesMax: 67_108_864,
  /** Messages of one tick waiting to be encoded for one peer: a burst beyond this is dropped like a full queue. */
  peerTickMessagesMax: 65_536,
  /** Addresses that a node keeps connections to: ten times the largest cluster the ring is tested with. */
  peerLinksMax: 1024,
  /** Connections of peers that a node accepts at a time, for the same reason. */
  peerConnectionsMax: 1024,
  /** Time for connecting and proving the cluster secret, in ms: a node that takes longer is of no use to a request. */
  peerHandshakeMs: 2000,
  /** First wait before connecting to a peer again, in ms. */
  peerRetryMsMin: 50,
  /** Longest such wait, in ms: a peer that comes back is used again within a second. */
  peerRetryMsMax: 1000,
  /** A connection that takes no bytes for so long, while bytes wait for it, is cut, in ms. */
  peerStallMs: 5000,
  /** A connection without any frame for so long is closed, in ms: live peers exchange figures every second. */
  peerIdleMs: 60_000,
  /** How long a challenge can be answered, in ms. */
  challengeMs: 10_000,
  /** Proofs remembered so that none is accepted twice while its challenge is fresh. */
  challengesUsedMax: 4096,
  /** Bytes of one membership packet over UDP: what IPv4 can carry. */
  udpPacketBytesMax: 65_507,
  /** Host names whose addresses are remembered for UDP. */
  resolvedHostsMax: 1024,
  /** How long a resolved host name is used, in ms: addresses of containers change. */
  resolvedHostMs: 30_000,
} as const;
