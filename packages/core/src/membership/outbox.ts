import type { Address, NodeId } from '../base/ids.ts';
import type { SwimHost, SwimSettings, Via } from './options.ts';
import type { MemberState, PacketBody, SwimPacket } from './packet.ts';
import { newsMax, packetBytes, stateBytes } from './packet-codec.ts';
import type { Roster } from './roster.ts';
import type { RumorQueue } from './rumor-queue.ts';
import { retransmitLimit } from './scaling.ts';

const noUpdates: readonly MemberState[] = [];

/** Puts the header on every packet and fills it up with news. */
export class Outbox {
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #roster: Roster;
  readonly #rumors: RumorQueue;

  constructor(settings: SwimSettings, host: SwimHost, roster: Roster, rumors: RumorQueue) {
    this.#settings = settings;
    this.#host = host;
    this.#roster = roster;
    this.#rumors = rumors;
  }

  /**
   * Sends to `receiver` with as much news as fits a datagram. If the receiver is thought suspect, dead or left, that
   * comes first: whoever can be reached must know what is said of it (Lifeguard §IV-C, "buddy system").
   */
  send(to: Address, via: Via, body: PacketBody, receiver: NodeId): void {
    const about = this.#roster.table.get(receiver)?.state ?? null;
    const accused = about !== null && about.status !== 'alive' ? about : null;
    const plain = this.#packet(body, noUpdates);
    if (accused === null && this.#rumors.size === 0) return this.#host.sendPacket(to, via, plain);
    this.#host.sendPacket(to, via, { ...plain, updates: this.#news(plain, accused) });
  }

  /** Sends exactly `updates`: the caller has seen to the size. */
  sendExactly(to: Address, via: Via, body: PacketBody, updates: readonly MemberState[]): void {
    this.#host.sendPacket(to, via, this.#packet(body, updates));
  }

  /** Sends some of `states`, as many as fit a datagram. */
  tell(to: Address, via: Via, states: readonly MemberState[]): void {
    const plain = this.#packet({ kind: 'gossip' }, noUpdates);
    const { news, take } = this.#load(plain);
    for (const state of states) take(state);
    this.#host.sendPacket(to, via, { ...plain, updates: news });
  }

  #packet(body: PacketBody, updates: readonly MemberState[]): SwimPacket {
    const { nodeId, instanceId } = this.#roster.own.claim;
    return {
      ...body,
      sender: nodeId,
      instanceId,
      cluster: this.#roster.cluster,
      view: this.#roster.view,
      updates,
    };
  }

  #news(plain: SwimPacket, accused: MemberState | null): readonly MemberState[] {
    const { news, take } = this.#load(plain);
    if (accused !== null) take(accused);
    const limit = retransmitLimit(this.#roster.reachableCount, this.#settings.tuning.retransmitMultiplier);
    this.#rumors.pick(limit, (nodeId) => {
      const state = this.#roster.state(nodeId);
      return state === null || state === accused || take(state);
    });
    return news;
  }

  /** The room that `plain` leaves in a datagram: `take` answers whether a state still fitted. */
  #load(plain: SwimPacket): { news: readonly MemberState[]; take: (state: MemberState) => boolean } {
    const { udpPacketBytesMax, udpSealBytes } = this.#settings.limits;
    let room = udpPacketBytesMax - udpSealBytes - packetBytes(plain);
    const news: MemberState[] = [];
    const take = (state: MemberState): boolean => {
      const bytes = stateBytes(state);
      if (bytes > room || news.length === newsMax) return false;
      room -= bytes;
      news.push(state);
      return true;
    };
    return { news, take };
  }
}
