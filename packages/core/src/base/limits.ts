/**
 * Every bound of the database core: name, value, unit (last word of the name), reason. The simulator draws them
 * small on purpose; a node may be given other values by configuration. `docs/limits.md` is generated from this file.
 */
export const limits = {
  /** A key's UTF-8 bytes: long enough for paths and ids, short enough to sit in every index and message. */
  keyBytesMax: 1024,
  /** A value's UTF-8 JSON bytes: larger values would hold a replica's disk and every peer's frame for too long. */
  valueBytesMax: 1_048_576,
  /** A table name's characters. */
  tableCharsMax: 64,
  /** Siblings of one record: over it the client must read and resolve first (Riak refuses at the same number). */
  siblingsMax: 100,
  /** A client's request id, in characters. */
  requestIdCharsMax: 128,
  /** Keys in one page of a listing. */
  listPageKeysMax: 1000,
  /** Time a request may take unless it says otherwise, in ms. */
  requestDeadlineMs: 3000,
  /** Entity tags in one `If-Match`: a client compares with what it has read, of which there are a few. */
  conditionEtagsMax: 16,
  /** Longest deadline a client may ask for, in ms: nothing of the core waits longer for a client. */
  requestDeadlineMsMax: 60_000,
  /** Bytes of an actor id: a node id of 64, a boot counter and eight random digits, with room to spare. */
  actorBytesMax: 128,
  /** Actors in a context token: a key's replicas would have to crash this often, between them, with writes in between. */
  contextActorsMax: 4096,
  /** Characters of a context token: `contextActorsMax` entries of the largest size, in base64url. */
  contextCharsMax: 760_000,
  /** One frame between nodes, in bytes: the largest record that clients can make, `siblingsMax` values, fits. */
  frameBytesMax: 134_217_728,
  /** Bytes at which a frame is closed and the next begun: a few milliseconds of one core's work. */
  frameBytesTarget: 4_194_304,
  /** Characters of a text that is only shown to people (an error's message, a reason): longer ones are cut when sent. */
  proseCharsMax: 4096,
  /** Objects and lists inside each other in an error's details. */
  detailsDepthMax: 8,
  /** Members of a cluster, dead and departed ones included: each node holds and exchanges the whole list. */
  membersMax: 1000,
  /** A datagram's payload in bytes: below the smallest common MTU, so that none is fragmented. */
  udpPacketBytesMax: 1400,
  /** Of these, bytes kept free for the driver's proof of authenticity. */
  udpSealBytes: 32,
  /** What a node tells of itself by gossip, in bytes: a datagram must hold several. */
  factsBytesMax: 512,
  /** States in one push/pull message: the whole list. */
  swimSyncStatesMax: 1024,
  /** One push/pull message in bytes: `swimSyncStatesMax` states of the largest size. */
  swimSyncBytesMax: 1_048_576,
  /** Push/pulls answered in a second: each answer is as large as the member list. */
  swimSyncAnswersPerSecondMax: 64,
  /** News waiting to be gossiped, one piece per member. */
  swimRumorsMax: 1024,
  /** Probes under way for other members. */
  swimRelaysMax: 256,
  /** Seeds and remembered peers that are retried: every member remembered and 64 seeds. */
  swimContactsMax: 1064,
  /** Of these, those contacted at once. */
  swimContactsPerRoundMax: 16,
  /** How far an incarnation may jump: 2^20 starts of a process. A forged one can thus use up 1/8192 of the range. */
  incarnationLeapMax: 2 ** 40,
  /** Tokens per unit of weight: enough for shares within 1 % of fair, few enough to hand the whole ring around. */
  ringTokensPerWeight: 150,
  /** A node's weight: one this heavy already holds a replica of everything in a small cluster. */
  ringWeightMax: 16,
  /** Replicas of a key. */
  ringReplicasMax: 7,
  /** Members of a ring: as many of weight 1 as there are tokens for. */
  ringMembersMax: 400,
  /** Tokens of a ring, each a bucket of its own: 15/16 of the buckets, the others are what a joiner can split off. */
  ringTokensMax: 61_440,
  /** Operations a ring lists, those that wait and the last that ended: an operator asks for few, and each epoch carries all. */
  ringOperationsMax: 32,
  /** Commands about the ring that one node has in hand: each waits a few seconds for a majority at most. */
  ringCommandsMax: 64,
  /** Characters of a zone's name. */
  zoneCharsMax: 64,
  /** Requests waiting for an answer at one time: 256 connections each may have several open. */
  requestsInFlightMax: 4096,
  /** Answered writes still waiting for slow replicas; over it the oldest become hints at once. */
  lingeringWritesMax: 16_384,
  /** Bytes on their way to the disk; over it writes are refused until the disk has caught up. */
  writeBytesPendingMax: 67_108_864,
  /** Bytes of records kept in memory. */
  cacheBytesMax: 67_108_864,
  /** Hints per target; over it the target is owed everything. About 300 bytes of memory each. */
  hintsPerTargetMax: 100_000,
  /** A remote clock further ahead of the wall clock than this, in ms, does not pull this node's clock along. */
  clockDriftMsMax: 60_000,
  /** How long an expired value is kept before it is dropped for good, in ms: half of `clockDriftMsMax`, so that a clock ahead by less drops nothing early, yet all is gone within a minute. */
  expiryGraceMs: 30_000,
  /** Pause between two looks for values to drop, in ms: with the grace it stays well under a minute. */
  expirySweepMs: 5000,
  /** Values looked at in one step of that, so that no step takes over a few ms; the next step follows at once. */
  expiryRowsMax: 256,
  /** Time that requests in flight get to finish after a stop is asked for, in ms. */
  shutdownGraceMs: 3000,
  /** Calls whose answers a node waits for at one time. Over it a call fails at once, as if its peer could not be reached. */
  coordinatorCallsMax: 65_536,
  /** Calls of peers that may wait for the disk at one time; over it they are refused at once, as overloaded. */
  replicaCallsMax: 32_768,
  /**
   * Requests whose fate a value chosen by Paxos carries because it is not certain yet that all can know it: at the bound the
   * value is settled before the next is built on it. 64 are at most 9 KiB beside the value.
   */
  recentRequestsMax: 64,
  /** How long an applied request id is remembered, in ms: DynamoDB's client tokens live as long. */
  requestMemoryMs: 600_000,
  /** Pause between two comparisons of this node's data with that of another, in ms: with a hundred peers each comes up within ten minutes. */
  compareEveryMs: 5000,
  /** Longest pause between two comparisons with a peer that was found equal and has not changed since, nor this node, in ms: reached by doubling, so that a cluster at rest says little. */
  compareEqualMsMax: 320_000,
  /** Pause before what differed is looked at again, in ms: writes on their way are done by then, and are no difference. */
  comparePauseMs: 1000,
  /** Ranges of buckets whose records are asked for in one message: of many arcs that come from the same nodes most are small. */
  pullRangesMax: 64,
  /** Groups of buckets whose leaves are asked for in one message: 32 KiB of hashes. */
  treeGroupsMax: 16,
  /** Records of a bucket named in one message: at most some 300 KB with the longest keys. */
  bucketPageRowsMax: 256,
  /** Buckets whose records two nodes compare at one time: enough that none waits for the other's disk; each has at most 1 MB of records read at one time. */
  bucketsInFlightMax: 64,
  /** Records that two nodes bring together at one time while they repair. */
  repairsInFlightMax: 64,
  /** Buckets looked through for one page of what two nodes hold differently: each is a call to the peer. */
  differingBucketsMax: 64,
  /** Comparisons asked for by operators that a node remembers; over it none is begun until one has ended. */
  syncsMax: 32,
  /** Rows in one page of a pass that works the hash tree out: a few milliseconds of one core. */
  passPageRowsMax: 256,
  /** Records written while such a page is on its way that are remembered; over it the page is asked for again. */
  passWrittenMax: 4096,
  /** Pause between two such passes once the hash tree stands, in ms: damage in what nobody reads is met within about a minute where there is little data. */
  treeAuditEveryMs: 60_000,
  /** Pause between two pages while the hash tree is checked against the store, in ms: a million records take little over an hour. */
  treeAuditPauseMs: 1000,
  /** Rows looked at in one page when the listing and the counts are made anew: a few milliseconds of one core. */
  reindexPageRowsMax: 256,
  /** Records of such a page that are loaded at one time: a row of the listing does not tell how large its record is. */
  reindexRecordsAtOnceMax: 32,
  /** Records made while one such page is on its way that are remembered; over it the page is asked for again. */
  recountMadeMax: 4096,
  /** Actors in a node's clock; over it the one met first is forgotten. About 40 bytes each, and one for each unclean stop. */
  clockActorsMax: 4096,
  /** Events kept in the log: some weeks of a calm cluster in about a megabyte. */
  eventRowsMax: 10_000,
  /** Events that wait while those of earlier lives are counted; over it the oldest are not kept. */
  eventsWaitingMax: 1024,
} as const;

/** The bounds as plain numbers, so that a test or an operator can tighten any of them. */
export type Limits = { readonly [Name in keyof typeof limits]: number };
