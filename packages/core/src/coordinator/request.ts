import type { DbError } from '../base/errors.ts';
import type { Hlc, MonoMs, NodeId, RingEpoch, WallMs } from '../base/ids.ts';
import type { VersionVector } from '../causality/record.ts';
import type { KeyRef } from '../ring/key.ts';

/** How many replicas must answer. `{r}` / `{w}` name an explicit count from 1 to N. */
export type Level = 'one' | 'quorum' | 'all' | { readonly count: number };

/** What a client has seen of one key: the decoded form of a context token. */
export interface CausalContext {
  readonly clock: VersionVector;
  /** The highest HLC among all that was seen. */
  readonly hlc: Hlc;
}

/**
 * What must hold of the key's value at the instant of the write. `match`: its entity tag is one of these. `exists`: there
 * is a value. `absent`: there is none, because it was never written, was deleted or has expired.
 */
export type Condition =
  | { readonly kind: 'match'; readonly etags: readonly string[] }
  | { readonly kind: 'exists' }
  | { readonly kind: 'absent' };

interface CommonFields {
  readonly ref: KeyRef;
  readonly level: Level;
  /** Monotonic time of this node after which nobody waits for the answer any more. */
  readonly deadlineAt: MonoMs;
  readonly explain: boolean;
}

export interface PutRequest extends CommonFields {
  readonly kind: 'put';
  readonly value: Uint8Array;
  readonly context: CausalContext | null;
  /**
   * With a condition the write is agreed on by Paxos, replaces all that is there, and is refused if the condition does not
   * hold or a context is given that does not cover all that is there. null: a plain write.
   */
  readonly condition: Condition | null;
  /** The client's own request id, if it gave one: 1 to 128 characters. A retry with the same id is not applied again. */
  readonly requestId: string | null;
  /** 0 means never. */
  readonly expiresAt: WallMs;
}

export interface DeleteRequest extends CommonFields {
  readonly kind: 'delete';
  readonly context: CausalContext | null;
  readonly condition: Condition | null;
  readonly requestId: string | null;
}

export interface GetRequest extends CommonFields {
  readonly kind: 'get';
}

/** One page of keys in ascending UTF-8 byte order. */
export interface ListRequest {
  readonly kind: 'list';
  readonly table: string;
  readonly prefix: string;
  /** Only keys after this one; empty for the first page. */
  readonly after: string;
  /** 1 to 1 000. */
  readonly limit: number;
  /** Only keys with siblings to settle. */
  readonly contested: boolean;
  readonly deadlineAt: MonoMs;
}

/** What a client may ask of the machine. A batch is many of these in one tick. */
export type ClientRequest = PutRequest | DeleteRequest | GetRequest | ListRequest;

/** One sibling as a client sees it. */
export interface VisibleSibling {
  readonly dot: string;
  readonly hlc: Hlc;
  readonly value: Uint8Array | null;
  readonly expiresAt: WallMs;
}

/** One line of `explain`: what one replica was asked and said, in microseconds since the request began. */
export interface ExplainStep {
  readonly replica: NodeId;
  readonly phase:
    | 'clock'
    | 'read'
    | 'store'
    | 'write-back'
    | 'hedge'
    | 'repair'
    | 'forward'
    | 'prepare'
    | 'accept';
  readonly sentUs: number;
  /** null while no answer has come. */
  readonly answeredUs: number | null;
  /** `ok`, or why the replica did not count: an error code, `timeout`, `down`. */
  readonly result: string;
  /** This answer completed the phase's quorum. */
  readonly closedQuorum: boolean;
}

export interface Explain {
  readonly coordinator: NodeId;
  /** The node that received the request, when it was no replica and passed it on. */
  readonly forwardedBy: NodeId | null;
  readonly ringEpoch: RingEpoch;
  readonly bucket: number;
  /** The key's replicas in preference order; `pending` are those the arc is moving to. */
  readonly replicas: readonly NodeId[];
  readonly pending: readonly NodeId[];
  readonly needed: number;
  readonly steps: readonly ExplainStep[];
  readonly totalUs: number;
}

/** Answer to a put or delete: what the key's record is once the write is in it. */
export interface WriteResult {
  readonly kind: 'written';
  readonly context: CausalContext;
  readonly etag: string;
  readonly dot: string;
  readonly hlc: Hlc;
  /** Siblings beside the one just written (0 when the write replaced all). */
  readonly siblingCount: number;
  /** This request id had already been applied: nothing was written now. */
  readonly repeated: boolean;
  readonly explain: Explain | null;
}

/** Answer to a get: the winner first, then the others beside it. `winner` null means not found. */
export interface ReadResult {
  readonly kind: 'read';
  readonly winner: VisibleSibling | null;
  readonly siblings: readonly VisibleSibling[];
  readonly context: CausalContext;
  readonly etag: string;
  readonly explain: Explain | null;
}

/** Answer to a write whose condition does not hold: nothing was written, and this is what is there. */
export interface UnmetResult {
  readonly kind: 'unmet';
  readonly found: ReadResult;
  readonly explain: Explain | null;
}

export interface ListResult {
  readonly kind: 'listed';
  readonly keys: readonly string[];
  /** Pass as `after` for the next page; null at the end. */
  readonly next: string | null;
}

export type ClientAnswer =
  | WriteResult
  | ReadResult
  | UnmetResult
  | ListResult
  | { readonly kind: 'error'; readonly error: DbError; readonly explain: Explain | null };
