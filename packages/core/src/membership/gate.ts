import type { Address } from '../base/ids.ts';
import type { Exchange } from './exchange.ts';
import { isReachable } from './member.ts';
import { outranks } from './merge.ts';
import type { SwimNotice } from './options.ts';
import type { MemberClaim, MemberState, RefusalReason, Refuse, SwimPacket } from './packet.ts';
import type { Roster } from './roster.ts';

/** Where a packet came from another cluster, no member is shown; where an id is in use, its holder is. */
const nobody: readonly MemberState[] = [];

/**
 * Decides whose packets are heard at all, before anything in them is learned: not those of other clusters, and not
 * those of a second data directory with a node id that is in use.
 */
export class Gate {
  readonly #roster: Roster;
  readonly #exchange: Exchange;
  readonly #onNotice: (notice: SwimNotice) => void;
  readonly #retire: (address: Address) => void;
  readonly #yield: () => void;

  /** `retire` stops contacting an address that is our own; `yield` makes this node leave for the good holder of its id. */
  constructor(
    roster: Roster,
    exchange: Exchange,
    onNotice: (notice: SwimNotice) => void,
    retire: (address: Address) => void,
    yieldId: () => void,
  ) {
    this.#roster = roster;
    this.#exchange = exchange;
    this.#onNotice = onNotice;
    this.#retire = retire;
    this.#yield = yieldId;
  }

  /** True if the packet may be heard. Who asks to be let in and is not gets told why. */
  admits(from: Address, packet: SwimPacket): boolean {
    if (this.#roster.isForeign(packet.cluster)) {
      this.#onNotice({ type: 'foreignCluster', address: from, clusterId: packet.cluster });
      this.#refuse(from, packet, 'foreignCluster', nobody);
      this.#roster.partFrom(packet.sender, packet.instanceId);
      return false;
    }
    const { own } = this.#roster;
    if (packet.sender === own.claim.nodeId && packet.instanceId === own.claim.instanceId) {
      this.#heardMyself(packet);
      return false;
    }
    if (this.#roster.isTaken(packet.sender, packet.instanceId)) {
      this.#idInUse(from, packet);
      return false;
    }
    // Whoever believes in another holder of this node's id will say so with authority when asked: see `refused`.
    if (packet.updates.some((state) => this.#isRival(state))) this.#exchange.askStranger(from);
    return packet.kind === 'sync' ? this.#hasRoom(from, packet) : this.#isTrusted(from, packet);
  }

  /**
   * This node is not let in somewhere. Counts only as the answer to a question of its own, and moves it only if the
   * holder of its id says so itself: what a third one tells of a holder may be forged, or long out of date.
   */
  refused(packet: Refuse): void {
    const by = this.#exchange.takeAsked(packet.seq);
    if (by === null) return;
    const holder = packet.updates[0]?.claim ?? null;
    this.#onNotice({ type: 'refused', reason: packet.reason, by, holder: holder?.address ?? null });
    const own = this.#roster.own.claim;
    if (packet.reason !== 'nodeIdInUse' || holder === null || this.#roster.own.hasLeft) return;
    if (holder.nodeId !== own.nodeId || holder.instanceId === own.instanceId) return;
    const isHolder = packet.sender === holder.nodeId && packet.instanceId === holder.instanceId;
    if (isHolder) this.#yieldTo(holder);
    else if (holder.address !== own.address) this.#exchange.askStranger(holder.address);
  }

  /** Two processes live under one id. Who has met nobody goes; of two members, one on each side, see `outranks`. */
  #yieldTo(holder: MemberClaim): void {
    const isMember = this.#roster.table.reachableCount > 0;
    if (isMember && !outranks(holder, this.#roster.own.claim)) return;
    this.#onNotice({ type: isMember ? 'replaced' : 'nodeIdHeld', holder: holder.address });
    this.#yield();
  }

  #isRival({ claim, status }: MemberState): boolean {
    const own = this.#roster.own.claim;
    return claim.nodeId === own.nodeId && claim.instanceId !== own.instanceId && isReachable(status);
  }

  #idInUse(from: Address, packet: SwimPacket): void {
    const holder = this.#roster.state(packet.sender);
    if (holder === null) return;
    const { nodeId, address } = holder.claim;
    this.#onNotice({ type: 'nodeIdInUse', nodeId, address: from, holder: address });
    this.#refuse(from, packet, 'nodeIdInUse', [holder]);
  }

  #hasRoom(from: Address, packet: SwimPacket): boolean {
    if (this.#roster.hasRoomFor(packet.sender)) return true;
    this.#onNotice({ type: 'membersFull', nodeId: packet.sender });
    this.#refuse(from, packet, 'membersFull', nobody);
    return false;
  }

  /**
   * A node without a cluster takes the cluster of those it meets, so it must not be talked into one by a stray packet:
   * a stranger is asked first.
   */
  #isTrusted(from: Address, packet: SwimPacket): boolean {
    if (this.#roster.table.get(packet.sender) !== undefined) return true;
    if (packet.kind === 'ping') this.#exchange.askStranger(from);
    return this.#roster.cluster !== '' || packet.cluster === '';
  }

  /** One of this node's contacts is its own address. */
  #heardMyself(packet: SwimPacket): void {
    if (packet.kind !== 'sync' || packet.phase !== 'ask') return;
    const address = this.#exchange.takeAsked(packet.seq);
    if (address !== null) this.#retire(address);
  }

  #refuse(to: Address, packet: SwimPacket, reason: RefusalReason, holder: readonly MemberState[]): void {
    if (packet.kind === 'sync' && packet.phase === 'ask')
      this.#exchange.refuse(to, packet.seq, reason, holder);
  }
}
