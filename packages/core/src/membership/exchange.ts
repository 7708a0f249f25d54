/**
 * Push/pull: two members compare all they know. It brings a newcomer in, joins what a partition has parted, and
 * repairs what gossip has missed (memberlist `state.go` pushPull, mergeState). One direction at a time, so that no
 * node shows its members to another cluster's.
 */
import type { Address, MonoMs, NodeId } from '../base/ids.ts';
import { below, fraction, sample } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import type { Entry } from './member-table.ts';
import { isNews } from './merge.ts';
import type { SwimHost, SwimSettings } from './options.ts';
import type { Outbox } from './outbox.ts';
import type { MemberState, PacketBody, RefusalReason, Sync } from './packet.ts';
import { stateBytes, syncHeaderBytesMax } from './packet-codec.ts';
import type { Roster } from './roster.ts';
import { syncScaledMs } from './scaling.ts';

/** Questions still open; an answer to an older one is heard, but names no contact any more. */
const openAsksMax = 128;

/** A departed member is contacted in one of so many rounds: it needs that only if its disk was lost. */
const departedEveryRounds = 4;

export class Exchange {
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #roster: Roster;
  readonly #outbox: Outbox;
  readonly #nextSeq: () => number;
  readonly #onAnswered: (address: Address, nodeId: NodeId) => void;
  /** Address asked, by sequence number, oldest first. */
  readonly #asked = new Map<number, Address>();
  #syncTimer: Timer | null = null;
  #reconnectTimer: Timer | null = null;
  #reconnects = 0;
  #strangerAskedAt: MonoMs = Number.NEGATIVE_INFINITY;
  #answersFrom: MonoMs = Number.NEGATIVE_INFINITY;
  #answers = 0;

  constructor(
    settings: SwimSettings,
    host: SwimHost,
    roster: Roster,
    outbox: Outbox,
    nextSeq: () => number,
    onAnswered: (address: Address, nodeId: NodeId) => void,
  ) {
    this.#settings = settings;
    this.#host = host;
    this.#roster = roster;
    this.#outbox = outbox;
    this.#nextSeq = nextSeq;
    this.#onAnswered = onAnswered;
  }

  /** Starts the regular exchange with a random member, and the one with a random dead one. */
  start(): void {
    const { syncIntervalMs, reconnectIntervalMs } = this.#settings.tuning;
    const { timers, random } = this.#host;
    this.#syncTimer = timers.after(below(random, syncIntervalMs), () => this.#syncRound());
    const firstMs = fraction(random) * reconnectIntervalMs;
    this.#reconnectTimer = timers.every(reconnectIntervalMs, firstMs, () => this.#reconnect());
  }

  stop(): void {
    this.#syncTimer?.cancel();
    this.#reconnectTimer?.cancel();
  }

  /** Asks whoever is at `address`, telling it of this node and, if given, what is believed of it. */
  ask(address: Address, about: MemberState | null): void {
    const seq = this.#nextSeq();
    this.#asked.set(seq, address);
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= openAsksMax) break;
      this.#asked.delete(oldest);
    }
    const own = this.#roster.own.state;
    const updates = about === null || about.status === 'alive' ? [own] : [own, about];
    this.#outbox.sendExactly(address, 'tcp', { kind: 'sync', phase: 'ask', seq }, updates);
  }

  /** Asks somebody who is no member here, who probes us or holds our id as others say: not every time it shows. */
  askStranger(address: Address): void {
    const now = this.#host.timers.now;
    if (now - this.#strangerAskedAt < this.#settings.tuning.contactBackoffMinMs) return;
    this.#strangerAskedAt = now;
    this.ask(address, null);
  }

  /** The address that was asked with `seq`, once. */
  takeAsked(seq: number): Address | null {
    const address = this.#asked.get(seq) ?? null;
    this.#asked.delete(seq);
    return address;
  }

  receive(from: Address, packet: Sync): void {
    if (packet.phase === 'ask') return this.#answer(from, packet);
    const asked = packet.phase === 'answer' ? this.takeAsked(packet.seq) : null;
    this.#hear(packet);
    if (asked === null) return;
    this.#onAnswered(asked, packet.sender);
    const rest = this.#lackedBy(packet.updates);
    if (rest.length > 0) this.#send(from, { kind: 'sync', phase: 'rest', seq: packet.seq }, rest);
  }

  /** Says no, showing at most the holder of a node id. Bounded like answers are. */
  refuse(to: Address, seq: number, reason: RefusalReason, holder: readonly MemberState[]): void {
    if (this.#mayAnswer()) this.#outbox.sendExactly(to, 'tcp', { kind: 'refuse', seq, reason }, holder);
  }

  #answer(from: Address, ask: Sync): void {
    if (!this.#mayAnswer()) return;
    this.#hear(ask);
    this.#send(from, { kind: 'sync', phase: 'answer', seq: ask.seq }, this.#allStates());
  }

  #hear(packet: Sync): void {
    this.#roster.adoptCluster(packet.cluster);
    for (const state of packet.updates) this.#roster.hear(state, 'sync');
  }

  /** At most `swimSyncAnswersPerSecondMax`: an answer is large, and who gets none asks again. */
  #mayAnswer(): boolean {
    const now = this.#host.timers.now;
    if (now - this.#answersFrom >= 1000) {
      this.#answersFrom = now;
      this.#answers = 0;
    }
    this.#answers++;
    return this.#answers <= this.#settings.limits.swimSyncAnswersPerSecondMax;
  }

  #allStates(): MemberState[] {
    const states = [this.#roster.own.state];
    for (const { state } of this.#roster.table.entries()) states.push(state);
    return states;
  }

  /** What this node knows and the sender of `theirs` does not. */
  #lackedBy(theirs: readonly MemberState[]): MemberState[] {
    const known = new Map(theirs.map((state) => [state.claim.nodeId, state]));
    return this.#allStates().filter((state) => {
      const counterpart = known.get(state.claim.nodeId);
      return counterpart === undefined || isNews(counterpart, state);
    });
  }

  /** Sends as many states as one message may hold, this node's first and the others at random. */
  #send(to: Address, body: PacketBody, states: readonly MemberState[]): void {
    const { swimSyncStatesMax, swimSyncBytesMax } = this.#settings.limits;
    let room = swimSyncBytesMax - syncHeaderBytesMax;
    const updates: MemberState[] = [];
    for (const state of this.#inOrderOfWorth(states, swimSyncStatesMax)) {
      room -= stateBytes(state);
      if (room < 0) break;
      updates.push(state);
    }
    this.#outbox.sendExactly(to, 'tcp', body, updates);
  }

  #inOrderOfWorth(states: readonly MemberState[], count: number): readonly MemberState[] {
    if (states.length <= count) return states;
    const [own, ...others] = states;
    return [own!, ...sample(this.#host.random, others, count - 1)];
  }

  #syncRound(): void {
    const { timers, random } = this.#host;
    const intervalMs = syncScaledMs(this.#roster.reachableCount, this.#settings.tuning.syncIntervalMs);
    this.#syncTimer = timers.after(intervalMs, () => this.#syncRound());
    const [peer] = sample(
      random,
      this.#roster.table.where(({ state }) => state.status === 'alive'),
      1,
    );
    if (peer !== undefined) this.ask(peer.state.claim.address, null);
  }

  /**
   * Dead members are contacted for ever: this is what heals a partition that outlasted every memory but ours. So are, less
   * often, those that left of their own accord: one that lost its disk meanwhile knows nobody it could ask.
   */
  #reconnect(): void {
    this.#call(({ state }) => state.status === 'dead');
    this.#reconnects++;
    if (this.#reconnects % departedEveryRounds !== 0) return;
    this.#call(({ nodeId, state }) => state.status === 'left' && state.by === nodeId);
  }

  #call(isGone: (entry: Entry) => boolean): void {
    const [peer] = sample(this.#host.random, this.#roster.table.where(isGone), 1);
    if (peer !== undefined) this.ask(peer.state.claim.address, peer.state);
  }
}
