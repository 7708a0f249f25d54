/**
 * Every bound of the server process around the database core: name, value, unit (last word of the name or the word
 * before `Max`), reason. `docs/limits.md` is generated from this file and from the core's.
 */
export const nodeLimits = {
  /** Bytes waiting for one peer: more than two seconds of a busy 100 Mbit/s link; over it messages are dropped, and the core's own timeouts answer for them. */
  peerQueueBytesMax: 33_554_432,
  /** A frame of several messages is cut in two over this, in bytes, so that none waits for all the others; one message may be larger. */
  peerFrameBytes: 8_388_608,
  /** Messages for one peer that leave at once instead of at the end of the tick: so the peer works while this node goes on. */
  peerFrameMessages: 16,
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
  /** Addresses that one name among the seeds may stand for: as many as there are connections to peers at most. */
  seedAddressesMax: 1024,
  /** A peer's message that came by HTTP is answered within, in ms: as long as a request takes by default. */
  doorCallMs: 3000,
  /** An orderly stop may take so long, in ms: less than five seconds with closing the store, which is what a stop may take. */
  shutdownMs: 4000,
  /** Time that one turn of the event loop spends beginning items of a batch, in ms; the rest is begun in later turns. */
  batchSliceMs: 10,
  /**
   * Half of the young generation of the server's heap, in MiB: what is in flight at one time fits many times over, so that
   * nearly all of it has died when the space is full.
   */
  semiSpaceMiBMax: 64,
  /** First wait before a failed store is opened again, in ms. */
  reopenMsMin: 100,
  /** Longest such wait, in ms: an operator who frees the disk is not kept waiting. */
  reopenMsMax: 5000,
  /** Bytes of rows that go to disk as one batch: more would hold the acknowledgements of small writes up. */
  storageBatchBytesMax: 4_194_304,
  /** Bytes waiting to be written at which work is refused: about a second of a slow disk. */
  storageQueueBytesHigh: 33_554_432,
  /** Bytes waiting to be written at which the store gives up rather than take the process's memory. */
  storageQueueBytesMax: 268_435_456,
  /** Bytes of LevelDB's log and write buffer: a start replays at most two of them. */
  storageWriteBufferBytes: 8_388_608,
  /** Bytes of table blocks that LevelDB may keep in memory. It needs few: it maps tables, which are not compressed. */
  storageCacheBytes: 33_554_432,
  /** Time that one turn of the event loop spends reading on the main thread, in ms: a tenth of the latency aimed at. */
  storageReadTurnMs: 1,
  /** A single read slower than this, in ms, waited for the disk or for LevelDB: the thread pool takes over. */
  storageReadSlowMs: 2,
  /** How long it takes over after the first slow read, in ms: at most one stall a second. */
  storageReadPauseMsMin: 1000,
  /** How long it takes over after many, in ms. */
  storageReadPauseMsMax: 30_000,
  /** Rows asked of the thread pool in one call: their bytes are copied on the main thread in one go. */
  storageReadCallRowsMax: 64,
  /** How old the watermark of an active node gets, in ms: a lost tail younger than this may go unnoticed. */
  storageWatermarkPeriodMs: 1000,
  /** Inquiries about this node, such as pages of its log, that are answered at one time; over it they are refused. */
  inquiriesOpenMax: 64,
  /** How often free space is measured, in ms: a fast disk writes less than the low-water mark in that time. */
  storageDiskPollMs: 1000,
  /** Free bytes below which clients' writes are refused: LevelDB needs room to merge tables, and so do transfers. */
  storageDiskLowBytes: 268_435_456,
  /** Free bytes above which they are taken again: half as much more, so that the answer does not flap. */
  storageDiskHighBytes: 402_653_184,
  /** Bytes of the file given up to open a store on a full disk: more than two write buffers turned into tables. */
  storageBallastBytes: 33_554_432,
  /** Bytes of tables whose checksums are verified before opening after one crash, newest first: some two seconds. */
  storageBootCheckBytesMax: 2_147_483_648,
  /** Pause after verifying 1 MiB of tables in the background, in ms: 4 MiB/s, or a quarter of a percent of a core. */
  storageScrubPauseMsPerMiB: 250,
  /** Shortest time of one pass over all tables, in ms: bit rot is a matter of months, not of minutes. */
  storageScrubPassMsMin: 3_600_000,
} as const;
