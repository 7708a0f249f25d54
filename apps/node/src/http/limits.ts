/**
 * Every bound of the HTTP edge: name, value, unit (last word of the name or the word before `Max`), reason. Bounds on
 * keys, values and batches are part of the contract: `apiLimits` of packages/api-types.
 */
export const httpLimits = {
  /** Time to send a header section, in ms: a client that needs longer is stuck, or holds the socket on purpose. */
  headersMs: 10_000,
  /** Time to send a whole request, in ms: the largest body at 300 kB/s. */
  requestMs: 30_000,
  /** How often the two above are checked, in ms. */
  receiveCheckMs: 2000,
  /**
   * An idle kept-alive connection is closed after so long, in ms: longer than the minute for which balancers and pools
   * keep theirs, or they would send a request into a connection that is being closed.
   */
  keepAliveMs: 65_000,
  /** A connection on which nothing moves is closed after so long, in ms: longer than any request may wait. */
  stillMs: 70_000,
  /** Header fields of a request. */
  headersMax: 64,
  /** Bytes of request target, header names and header values, without what separates them, must stay below this. */
  headerBytesMax: 16_384,
  /**
   * Requests on one connection before it is closed, so that balancers spread long-lived clients anew. Rare on purpose:
   * some simple clients overlook `Connection: close` and meet a bare 503.
   */
  requestsPerConnectionMax: 100_000,
  /** Connections at one time: each costs about 20 kB. */
  connectionsMax: 8192,
  /** Connections that follow `/ws` at one time. */
  liveClientsMax: 256,
  /** Bytes waiting for one follower of `/ws`: several snapshots of a large ring; over it nothing more is queued. */
  liveBacklogBytesMax: 4_194_304,
  /** A follower that stays behind for so long is let go, in ms. */
  liveBehindMs: 15_000,
  /** How often the state is compared with what followers were told, in ms: a change is seen well within a second. */
  liveEveryMs: 250,
  /** Events of one kind about one node are told at most so often, in ms; those between are told as one, with their number. */
  liveRepeatMs: 5000,
  /** Silence after which a follower must show that it lives, in ms. */
  livePingMs: 15_000,
  /** Bytes that a follower of `/ws` may send in one message: it has nothing to say. */
  liveMessageBytesMax: 1024,
  /** tRPC connections over WebSocket at one time. */
  rpcSocketsMax: 1024,
  /** What a refused client still sends is read and thrown away for so long, in ms, so that it sees the answer. */
  lingerMs: 1000,
  /** Time given to open connections when the server closes, in ms. */
  closeMs: 2000,
} as const;

/** The bounds as plain numbers, so that a test or an operator can tighten any of them. */
export type HttpLimits = { readonly [Name in keyof typeof httpLimits]: number };
