/**
 * Membership: who is in the cluster and who is alive. SWIM (Das, Gupta, Motivala, 2002) with Lifeguard (Dadgar,
 * Phillips, Currey, 2018), and the healing that its known implementation lacks; docs/decisions/0020 to 0024. One
 * synchronous machine: packets and timers in, packets and calls of the host out.
 */
import { unreachable } from '../base/assert.ts';
import type { Address, NodeId, WallMs } from '../base/ids.ts';
import { Contacts } from './contacts.ts';
import { Exchange } from './exchange.ts';
import { Gate } from './gate.ts';
import { Gossip } from './gossip.ts';
import { LocalHealth } from './local-health.ts';
import { isReachable, type Member, type MemberChange, toMember } from './member.ts';
import { NoticeFilter } from './notice-filter.ts';
import {
  type Peer,
  type SwimHost,
  type SwimNotice,
  type SwimOptions,
  type SwimSettings,
  type Via,
  withDefaults,
} from './options.ts';
import { Outbox } from './outbox.ts';
import type { MemberFacts, MemberState, MemberStatus, Ping, SwimPacket } from './packet.ts';
import { PeerMemory } from './peer-memory.ts';
import { Prober } from './prober.ts';
import { Relays } from './relays.ts';
import { Roster } from './roster.ts';
import { RumorQueue } from './rumor-queue.ts';
import { StallWatch } from './stall-watch.ts';
import { ViewCheck } from './view.ts';

/** News about one member on its way, for people to look at. */
export interface RumorView {
  readonly nodeId: NodeId;
  readonly status: MemberStatus;
  readonly incarnation: number;
  /** Times this node has sent it. */
  readonly transmits: number;
}

export class Swim {
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #health: LocalHealth;
  readonly #rumors: RumorQueue;
  readonly #roster: Roster;
  readonly #outbox: Outbox;
  readonly #gossip: Gossip;
  readonly #prober: Prober;
  readonly #relays: Relays;
  readonly #exchange: Exchange;
  readonly #contacts: Contacts;
  readonly #peers: PeerMemory;
  readonly #gate: Gate;
  readonly #views: ViewCheck;
  #ownSince: WallMs = 0;
  #seq: number;
  #stopped = false;

  constructor(options: SwimOptions, host: SwimHost) {
    const settings = withDefaults(options);
    this.#settings = settings;
    this.#host = host;
    this.#seq = host.random.uint32();
    const nextSeq = () => {
      this.#seq = (this.#seq + 1) >>> 0;
      return this.#seq;
    };
    const notices = new NoticeFilter(
      () => host.timers.now,
      (notice) => host.onNotice(notice),
    );
    const onNotice = (notice: SwimNotice) => notices.note(notice);
    this.#health = new LocalHealth(settings.tuning.healthMultiplierMax);
    const stalls = new StallWatch(host.timers, settings.tuning.stallMs);
    this.#rumors = new RumorQueue(settings.limits.swimRumorsMax);
    this.#roster = new Roster(settings, host, this.#health, stalls, this.#rumors, {
      onNews: () => this.#gossip.wake(),
      onMember: (member, change) => this.#onMember(member, change),
      onNotice,
      onCall: (suspect) => this.#onCall(suspect, nextSeq()),
    });
    this.#outbox = new Outbox(settings, host, this.#roster, this.#rumors);
    this.#gossip = new Gossip(settings, host, this.#roster, this.#rumors, this.#outbox);
    this.#prober = new Prober(
      settings,
      host,
      this.#roster,
      this.#outbox,
      this.#health,
      stalls,
      nextSeq,
      onNotice,
    );
    this.#relays = new Relays(settings, host, this.#roster, this.#outbox, nextSeq);
    this.#exchange = new Exchange(settings, host, this.#roster, this.#outbox, nextSeq, (address, nodeId) =>
      this.#contacts.answered(address, nodeId),
    );
    this.#contacts = new Contacts(settings, host, this.#roster, (address) =>
      this.#exchange.ask(address, null),
    );
    this.#peers = new PeerMemory(settings, host, this.#roster, this.#contacts);
    this.#views = new ViewCheck(settings, host, (address) => this.#exchange.ask(address, null));
    this.#gate = new Gate(
      this.#roster,
      this.#exchange,
      onNotice,
      (address) => this.#contacts.retire(address),
      () => this.leave(),
    );
  }

  /**
   * Begins, once: contacts all seeds and all peers remembered from `onPeersChanged`, and goes on contacting those it
   * has not met for ever. With neither, the node waits to be contacted.
   */
  start(seeds: readonly Address[], remembered: readonly Peer[]): void {
    this.#ownSince = this.#host.wallMs();
    this.#peers.start(remembered);
    this.#contacts.add(seeds, remembered);
    this.#prober.start();
    this.#exchange.start();
  }

  /** Contacts further seeds; a node that had left comes back. */
  join(seeds: readonly Address[]): void {
    if (this.#stopped) return;
    if (this.#roster.own.hasLeft) {
      this.#ownSince = this.#host.wallMs();
      this.#roster.comeBack();
      this.#prober.start();
      this.#exchange.start();
    }
    this.#contacts.add(seeds, []);
  }

  /** What the names among the seeds stand for now, as a resolver told it; the addresses it told before are forgotten. */
  seedsResolved(addresses: readonly Address[]): void {
    if (!this.#stopped) this.#contacts.resolved(addresses);
  }

  /** A packet has arrived from `from`, the address to answer to. Packets after `stop` are ignored. */
  receive(from: Address, via: Via, packet: SwimPacket): void {
    if (this.#stopped) return;
    if (packet.kind === 'refuse') return this.#gate.refused(packet);
    if (!this.#gate.admits(from, packet)) return;
    if (packet.kind === 'sync') return this.#exchange.receive(from, packet);
    this.#roster.adoptCluster(packet.cluster);
    this.#hear(from, via, packet.updates);
    if (!this.#roster.own.hasLeft) this.#views.compare(from, packet.view, this.#roster.view);
    switch (packet.kind) {
      case 'ping':
        return this.#onPing(from, via, packet);
      case 'ack':
        if (!this.#relays.acked(packet.seq, packet.subject)) {
          this.#prober.acked(packet.seq, packet.subject, via);
        }
        return;
      case 'pingRequest':
        return this.#relays.serve(from, packet);
      case 'nack':
        return this.#prober.nacked(packet.seq);
      case 'gossip':
        return;
      default:
        return unreachable(packet);
    }
  }

  /** Tells the host at once whom to remember, where that is still being gathered: it writes what needs them. */
  rememberPeers(): void {
    this.#peers.flush();
  }

  /** Tells the others that this node goes. It still answers but asks nobody; `hasLeft` says when the news is out. */
  leave(): void {
    if (this.#roster.own.hasLeft) return;
    this.#peers.flush();
    this.#roster.leave();
    this.#ownSince = this.#host.wallMs();
    this.#prober.stop();
    this.#exchange.stop();
    this.#contacts.stop();
    this.#gossip.tellLeave();
  }

  /** True once a leave has been told as often as any news, or there is nobody to tell. Then the process may stop. */
  hasLeft(): boolean {
    const { own, table } = this.#roster;
    return own.hasLeft && (table.reachableCount === 0 || !this.#rumors.has(own.claim.nodeId));
  }

  /** Changes what this node tells of itself, at most `limits.factsBytesMax` bytes. The next round of gossip carries it. */
  updateFacts(facts: MemberFacts): void {
    this.#roster.updateFacts(facts);
  }

  /** This node and all others it knows of, whatever their status, in ascending order of node id. */
  members(): readonly Member[] {
    const members = [this.#ownMember()];
    for (const entry of this.#roster.table.entries()) members.push(entry.member);
    return members.sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
  }

  member(nodeId: NodeId): Member | null {
    if (nodeId === this.#settings.nodeId) return this.#ownMember();
    return this.#roster.table.get(nodeId)?.member ?? null;
  }

  /**
   * Where the member wants to be reached, whatever its status. Just after a start, when nobody is a member yet, where a
   * remembered peer was reached: without it an answer to the first one to call would be lost. Null if nobody knows.
   */
  addressOf(nodeId: NodeId): Address | null {
    return this.#roster.state(nodeId)?.claim.address ?? this.#contacts.addressOf(nodeId);
  }

  /** True for a member that is alive or suspect: a suspect has been silent for moments only, so it is worth asking. */
  isAlive(nodeId: NodeId): boolean {
    const state = this.#roster.state(nodeId);
    return state !== null && isReachable(state.status);
  }

  /** Members that are alive or suspect, this node included unless it has left. */
  aliveCount(): number {
    return this.#roster.reachableCount;
  }

  /** How far this node distrusts itself: 0 (well) to `healthMultiplierMax − 1`. */
  healthScore(): number {
    return this.#health.score;
  }

  /** News on its way from this node, least told first. */
  rumors(): readonly RumorView[] {
    return this.#rumors.list().flatMap(({ nodeId, transmits }) => {
      const state = this.#roster.state(nodeId);
      if (state === null) return [];
      return [{ nodeId, status: state.status, incarnation: state.claim.incarnation, transmits }];
    });
  }

  /** Probes a member next, because something (a broken connection, say) casts doubt on it. Proves nothing by itself. */
  hasten(nodeId: NodeId): void {
    this.#prober.hasten(nodeId);
  }

  /** An operator's word that a dead member will not return: it counts as left everywhere. False if it is not dead. */
  forceLeave(nodeId: NodeId): boolean {
    return this.#roster.forceLeave(nodeId);
  }

  /** Ends all timers; the machine does nothing more. Others will find out by themselves unless `leave` came first. */
  stop(): void {
    this.#stopped = true;
    this.#prober.stop();
    this.#relays.stop();
    this.#gossip.stop();
    this.#exchange.stop();
    this.#contacts.stop();
    this.#peers.stop();
    this.#roster.stop();
  }

  #ownMember(): Member {
    return toMember(this.#roster.own.state, this.#ownSince);
  }

  /** Learns the news, and puts right whoever still passes on what has been refuted. */
  #hear(from: Address, via: Via, updates: readonly MemberState[]): void {
    const corrections: MemberState[] = [];
    for (const state of updates) {
      const newer = this.#roster.hear(state, 'gossip');
      if (newer !== null) corrections.push(newer);
    }
    if (corrections.length > 0) this.#outbox.tell(from, via, corrections);
  }

  #onPing(from: Address, via: Via, ping: Ping): void {
    const { nodeId, instanceId } = this.#roster.own.claim;
    if (ping.target !== nodeId || ping.targetInstance !== instanceId) return;
    this.#outbox.send(from, via, { kind: 'ack', seq: ping.seq, subject: nodeId }, ping.sender);
  }

  #onMember(member: Member, change: MemberChange): void {
    if (change === 'forgotten') this.#prober.forget(member.nodeId);
    else if (isReachable(member.status)) this.#prober.include(member.nodeId);
    if (member.status === 'suspect') this.#lookFor(member.nodeId);
    this.#peers.wake();
    this.#host.onMember(member, change);
  }

  /** Somebody else has missed it: this node's own probe confirms that, or brings the suspect's refutation. */
  #lookFor(nodeId: NodeId): void {
    const accuser = this.#roster.state(nodeId)?.by;
    if (accuser !== this.#settings.nodeId) this.#prober.hasten(nodeId);
  }

  /** Its answer, whatever it is, brings its own word on the matter: see `Outbox.send`. */
  #onCall({ claim }: MemberState, seq: number): void {
    const { nodeId, instanceId, address } = claim;
    const ping = { kind: 'ping', seq, target: nodeId, targetInstance: instanceId } as const;
    for (const via of ['udp', 'tcp'] as const) this.#outbox.send(address, via, ping, nodeId);
  }
}
