import type { MonoMs } from '../base/ids.ts';
import { sample } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import { isReachable } from './member.ts';
import type { Entry } from './member-table.ts';
import type { SwimHost, SwimSettings } from './options.ts';
import type { Outbox } from './outbox.ts';
import type { Roster } from './roster.ts';
import type { RumorQueue } from './rumor-queue.ts';

/**
 * Rounds of gossip, only while there is news: a quiet cluster sends none. The first news after a quiet spell goes
 * out at the end of the same tick, so that many changes of one tick share a packet.
 */
export class Gossip {
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #roster: Roster;
  readonly #rumors: RumorQueue;
  readonly #outbox: Outbox;
  #timer: Timer | null = null;
  #lastRoundAt: MonoMs = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(settings: SwimSettings, host: SwimHost, roster: Roster, rumors: RumorQueue, outbox: Outbox) {
    this.#settings = settings;
    this.#host = host;
    this.#roster = roster;
    this.#rumors = rumors;
    this.#outbox = outbox;
  }

  /** There is news. Costs nothing if a round is already due. */
  wake(): void {
    if (this.#timer !== null || this.#stopped) return;
    const now = this.#host.timers.now;
    const dueAt = Math.max(now, this.#lastRoundAt + this.#settings.tuning.gossipIntervalMs);
    this.#timer = this.#host.timers.after(dueAt - now, () => this.#round());
  }

  /**
   * Tells some members at once that this node leaves. Not counted among the retransmits: the process will be gone
   * before a lost packet shows.
   */
  tellLeave(): void {
    for (const { state } of this.#receivers(this.#settings.tuning.leaveNodes)) {
      this.#outbox.tell(state.claim.address, 'udp', [this.#roster.own.state]);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** With nobody to tell, the news stays queued and the next news (somebody's arrival) wakes the rounds again. */
  #round(): void {
    this.#timer = null;
    this.#lastRoundAt = this.#host.timers.now;
    if (this.#rumors.size === 0) return;
    const receivers = this.#receivers(this.#settings.tuning.gossipNodes);
    for (const { state } of receivers) {
      this.#outbox.send(state.claim.address, 'udp', { kind: 'gossip' }, state.claim.nodeId);
    }
    if (receivers.length > 0 && this.#rumors.size > 0) this.wake();
  }

  #receivers(count: number): Entry[] {
    const oldest = this.#host.timers.now - this.#settings.tuning.gossipToTheDeadMs;
    const isListening = ({ state, statusAt }: Entry) =>
      isReachable(state.status) || (state.status === 'dead' && statusAt >= oldest);
    return sample(this.#host.random, this.#roster.table.where(isListening), count);
  }
}
