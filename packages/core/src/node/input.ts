import type { Address, Hlc, MonoMs, NodeId } from '../base/ids.ts';
import type { ClientRequest } from '../coordinator/request.ts';
import type { SwimPacket } from '../membership/packet.ts';
import type { RingCommand } from '../ring/ring-operation.ts';
import type { Inquiry } from './inquiry.ts';
import type { PeerMessage } from './messages.ts';
import type { NodeStats } from './view.ts';

/** A row as read back: its bytes, nothing there, or bytes that fail their checksum. */
export type ReadRow = Uint8Array | null | 'corrupt';

/** Time as the driver sees it when it hands over an input. Both in milliseconds; fractions are allowed. */
export interface Now {
  /** Monotonic: never goes back while the process lives. */
  readonly mono: number;
  /** Wall clock: may jump either way. */
  readonly wall: number;
}

/** Everything that can happen to a node. */
export type Input =
  /** Time has come to `Node.nextTickAt()`, or simply passed. */
  | { readonly type: 'tick' }
  /** A message of an authenticated peer. `hlc` is the sender's clock when it sent the frame. */
  | { readonly type: 'message'; readonly from: NodeId; readonly hlc: Hlc; readonly message: PeerMessage }
  /** A membership packet, by UDP or as a message over TCP. `from` is the address to answer to. */
  | {
      readonly type: 'packet';
      readonly from: Address;
      readonly via: 'udp' | 'tcp';
      readonly packet: SwimPacket;
    }
  /** The connection to a peer broke: answers still owed by it may never come. */
  | { readonly type: 'disconnected'; readonly peer: NodeId }
  /** Every write effect with a sequence number up to `seq` is on stable storage. */
  | { readonly type: 'written'; readonly seq: number }
  /** Answer to a read effect: one row for each asked, in order. */
  | { readonly type: 'rows'; readonly id: number; readonly rows: readonly ReadRow[] }
  /** Answer to a scan effect: rows in ascending order; `done` when the range has no more. */
  | {
      readonly type: 'scanned';
      readonly id: number;
      readonly rows: readonly (readonly [row: string, value: ReadRow])[];
      readonly done: boolean;
    }
  /** A client asks; `id` names the request in the reply effect. */
  | { readonly type: 'request'; readonly id: number; readonly request: ClientRequest }
  /** Somebody asks about this node; `id` names the inquiry in the `found` effect. */
  | { readonly type: 'inquiry'; readonly id: number; readonly inquiry: Inquiry }
  /** An operator asks for a change of the ring; `id` names the command in the `commanded` effect. */
  | {
      readonly type: 'command';
      readonly id: number;
      readonly command: RingCommand;
      readonly deadlineAt: MonoMs;
    }
  /** This node has left the ring, or was never let in, and is to ask for a place in it. */
  | { readonly type: 'rejoin' }
  /** The client went away: its answer is not needed, work for it can stop. */
  | { readonly type: 'abandoned'; readonly id: number }
  /** The disk crossed the low-water mark: true means writes of clients must be refused until false comes. */
  | { readonly type: 'diskLow'; readonly low: boolean }
  /** Once a second: what the driver measured of this process, to be shown to the whole cluster. */
  | { readonly type: 'stats'; readonly stats: NodeStats }
  /** The addresses that the names among the seeds stand for now: one name may stand for many, and for others tomorrow. */
  | { readonly type: 'seeds'; readonly addresses: readonly Address[] }
  /** The process is asked to stop: refuse new requests, tell peers, finish what is in flight. */
  | { readonly type: 'shutdown' };
