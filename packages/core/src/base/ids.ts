/**
 * The names of things. Ids that must never be mixed up are branded, so that
 * passing one where another is meant does not compile.
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Name of one server process with a data directory, chosen by its operator: 1 to 64 of `[a-z0-9._-]`. */
export type NodeId = Brand<string, 'NodeId'>;

/**
 * Who mints dots: a node id together with the node's actor epoch, as one opaque string.
 * A node whose local history may be incomplete gets a new actor, so a dot is never issued twice.
 */
export type ActorId = Brand<string, 'ActorId'>;

/** Where a node can be reached: `host:port`. The same port number serves TCP and UDP. */
export type Address = Brand<string, 'Address'>;

/** Index of one of the 65 536 equal slices of the key space: an integer from 0 to 65 535. */
export type Bucket = number;

/** Number of a ring configuration; 0 means "no ring known yet", the first ring has epoch 1. */
export type RingEpoch = number;

/** Hybrid logical clock reading: `milliseconds × 1024 + logical`, a safe integer until the year 2248. */
export type Hlc = Brand<number, 'Hlc'>;

/** Milliseconds of the monotonic clock: only differences mean anything. */
export type MonoMs = number;

/** Milliseconds since 1970 by the wall clock, which may jump either way. */
export type WallMs = number;

const nodeIdPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Accepts a node id, or answers null if it is not 1 to 64 of `[a-z0-9._-]` starting with a letter or digit. */
export function parseNodeId(text: string): NodeId | null {
  return nodeIdPattern.test(text) ? (text as NodeId) : null;
}

const addressPattern = /^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):(\d{1,5})$/;

/** Accepts `host:port` (IPv6 hosts in brackets, port 1 to 65 535), or answers null. */
export function parseAddress(text: string): Address | null {
  const match = addressPattern.exec(text);
  if (match === null || text.length > 260) return null;
  const port = Number(match[2]);
  return port >= 1 && port <= 65_535 ? (text as Address) : null;
}
