import type { Address, Hlc, NodeId } from '../base/ids.ts';
import type { ClientAnswer } from '../coordinator/request.ts';
import type { SwimPacket } from '../membership/packet.ts';
import type { CommandAnswer } from '../ring/command-desk.ts';
import type { NodeEvent } from './event.ts';
import type { Finding } from './inquiry.ts';
import type { PeerMessage } from './messages.ts';

/** One row to store; null removes it. Row keys sort by UTF-8 bytes. */
export type RowWrite = readonly [row: string, value: Uint8Array | null];

/** Everything a node can ask of its driver. The driver obeys in order; it never decides. */
export type Effect =
  /**
   * Deliver to a peer over the reliable connection, at most once, in order with other sends to it. Sends of one
   * tick share a frame. When `address` is unreachable the message is lost: the core has its own timeouts.
   */
  | {
      readonly type: 'send';
      readonly to: NodeId;
      readonly address: Address;
      readonly hlc: Hlc;
      readonly message: PeerMessage;
    }
  /** A membership packet: by UDP, or over TCP where it is large or UDP is in doubt. */
  | {
      readonly type: 'packet';
      readonly to: Address;
      readonly via: 'udp' | 'tcp';
      readonly packet: SwimPacket;
    }
  /**
   * Store all rows in one atomic batch, then report `written`. Sequence numbers rise by one; batches become durable
   * in that order; several may share one fsync, in which case the highest is reported. Any failure is poison: the
   * driver must discard this machine, reopen the store and boot a new one.
   */
  | { readonly type: 'write'; readonly seq: number; readonly rows: readonly RowWrite[] }
  /** Read rows; they show at least every write effect reported as written. */
  | { readonly type: 'read'; readonly id: number; readonly rows: readonly string[] }
  /**
   * Read rows with `after` < row < `until` in ascending UTF-8 byte order, until `rowsMax` rows or until the values
   * read reach `bytesMax` (the row that reaches it is included, so a scan always makes progress).
   */
  | {
      readonly type: 'scan';
      readonly id: number;
      readonly after: string;
      readonly until: string;
      readonly rowsMax: number;
      readonly bytesMax: number;
    }
  | { readonly type: 'reply'; readonly id: number; readonly answer: ClientAnswer }
  /** What an inquiry found. */
  | { readonly type: 'found'; readonly id: number; readonly finding: Finding }
  /** What became of a command. */
  | { readonly type: 'commanded'; readonly id: number; readonly answer: CommandAnswer }
  /** Something an operator may want to see. Never needed for correctness. */
  | { readonly type: 'event'; readonly event: NodeEvent }
  /** The machine has nothing left to do after `shutdown`: flush, mark the shutdown clean, exit. */
  | { readonly type: 'stopped' };
