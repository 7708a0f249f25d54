/**
 * Every bound of the public contract: name, value, unit (last word of the name), reason. A bound that the database
 * core has too carries the same name and the same value there; a test in apps/node keeps the two lists equal.
 */
export const apiLimits = {
  /** A key's UTF-8 bytes. */
  keyBytesMax: 1024,
  /** A value's bytes as compact UTF-8 JSON. */
  valueBytesMax: 1_048_576,
  /** Levels of arrays and objects inside a value: deeper documents cost stack in every JSON parser they meet. */
  jsonDepthMax: 32,
  /** What may surround a value in a request body: a context of the greatest size, field names, white space. */
  envelopeBytesMax: 786_432,
  /** A context token's characters: that of a key whose every replica crashed a thousand times between writes. */
  contextCharsMax: 760_000,
  /** Entity tags in one `If-Match`. */
  conditionEtagsMax: 16,
  /** Characters of an `If-Match`: that many tags, quoted, with room between them. */
  conditionCharsMax: 1_024,
  /** A client's request id. */
  requestIdCharsMax: 128,
  /** A batch's request id: each item is sent on under it with its index added, which must fit in the former. */
  batchRequestIdCharsMax: 120,
  /** Items of one batch: all are under way at one time, so a larger batch would push others over that bound. */
  batchItemsMax: 256,
  /** Body of a batch: several values of the greatest size, many of a usual one. */
  batchBytesMax: 8_388_608,
  /** Values in the answer of a batch: what is over it is answered item by item with `payload_too_large`. */
  batchAnswerBytesMax: 16_777_216,
  /** Keys in one page of a listing. */
  listPageKeysMax: 1000,
  /** Keys in one page of a listing that does not say. */
  listPageKeysDefault: 100,
  /** Keys in one page of conflicts: each is read at quorum before it is shown. */
  conflictsPageMax: 100,
  /** Events on one page of a node's log. */
  eventsPageMax: 500,
  /** Events on a page that does not say. */
  eventsPageDefault: 100,
  /** The last bucket of the key space. */
  bucketMax: 65_535,
  /** Levels of the hash tree below its root, 16 nodes below each: the last has one for each bucket. */
  treeDepthMax: 4,
  /** Nodes of a hash tree on one page. */
  treePageNodesMax: 1024,
  /** Nodes of a hash tree on a page that does not say. */
  treePageNodesDefault: 256,
  /** Keys on one page of what two nodes hold differently: both are read before it is shown. */
  differencesPageMax: 100,
  /** A listing's cursor: base64url of the longest key. */
  cursorCharsMax: 1400,
  /** Time a request may take unless it says otherwise. */
  requestDeadlineMs: 3000,
  /** Longest time a client may ask for. */
  requestDeadlineMsMax: 60_000,
  /** Replicas that a request may name with `r` or `w`: the largest N a ring can have. */
  replicasMax: 7,
  /** A node's weight. */
  ringWeightMax: 16,
  /** Ten years: a longer time to live is a mistake in the unit more often than a wish. */
  ttlSecondsMax: 315_360_000,
  /** Body of a request to a path where no operation takes one: read only to be answered in order. */
  smallBodyBytesMax: 16_384,
  /** One membership packet that arrives by HTTP: what a datagram can carry. */
  packetBodyBytesMax: 65_536,
  /** One message between nodes that arrives by HTTP. */
  peerBodyBytesMax: 8_388_608,
  /** Calls in one tRPC batch: each may carry a whole value. */
  rpcBatchCallsMax: 64,
  /** Problems told in one `invalid_request`: enough to mend a form, too few to flood a log. */
  issuesToldMax: 8,
  /** Events at the end of the log that a new live connection is shown. */
  liveEventsTail: 200,
} as const;
