import type { Address, NodeId } from '../base/ids.ts';
import type { Timer } from '../base/timers.ts';
import type { SwimHost, SwimSettings } from './options.ts';
import type { Outbox } from './outbox.ts';
import type { PingRequest } from './packet.ts';
import type { Roster } from './roster.ts';

interface Relay {
  readonly asker: NodeId;
  readonly askerAddress: Address;
  readonly askerSeq: number;
  readonly subject: NodeId;
  readonly nack: Timer;
  readonly end: Timer;
}

/** Probes on behalf of others: what a helper does with a ping request. */
export class Relays {
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #roster: Roster;
  readonly #outbox: Outbox;
  readonly #nextSeq: () => number;
  readonly #open = new Map<number, Relay>();

  constructor(settings: SwimSettings, host: SwimHost, roster: Roster, outbox: Outbox, nextSeq: () => number) {
    this.#settings = settings;
    this.#host = host;
    this.#roster = roster;
    this.#outbox = outbox;
    this.#nextSeq = nextSeq;
  }

  /**
   * Pings the target, by this node's own knowledge of it, for the asker. Over `swimRelaysMax` open ones, or for a
   * target or data directory unknown here, there is no ping, and a nack is all the asker gets.
   */
  serve(from: Address, request: PingRequest): void {
    const { probeTimeoutMs, nackShare, probeIntervalMs } = this.#settings.tuning;
    const asker = { asker: request.sender, askerAddress: from, askerSeq: request.seq };
    const target = this.#roster.table.get(request.target)?.state.claim;
    const isKnown = target?.instanceId === request.targetInstance;
    if (!isKnown || this.#open.size >= this.#settings.limits.swimRelaysMax) return this.#nack(asker);
    const seq = this.#nextSeq();
    const { timers } = this.#host;
    this.#open.set(seq, {
      ...asker,
      subject: target.nodeId,
      nack: timers.after(probeTimeoutMs * nackShare, () => this.#nack(asker)),
      end: timers.after(probeIntervalMs, () => this.#open.delete(seq)),
    });
    const ping = { kind: 'ping', seq, target: target.nodeId, targetInstance: target.instanceId } as const;
    this.#outbox.send(target.address, 'udp', ping, target.nodeId);
  }

  /** Passes on the target's answer, also one that comes after the nack. False if `seq` is no relay's. */
  acked(seq: number, subject: NodeId): boolean {
    const relay = this.#open.get(seq);
    if (relay === undefined) return false;
    if (relay.subject !== subject) return true;
    this.#close(seq, relay);
    const ack = { kind: 'ack', seq: relay.askerSeq, subject } as const;
    this.#outbox.send(relay.askerAddress, 'udp', ack, relay.asker);
    return true;
  }

  stop(): void {
    for (const [seq, relay] of this.#open) this.#close(seq, relay);
  }

  #nack({ asker, askerAddress, askerSeq }: Pick<Relay, 'asker' | 'askerAddress' | 'askerSeq'>): void {
    this.#outbox.send(askerAddress, 'udp', { kind: 'nack', seq: askerSeq }, asker);
  }

  #close(seq: number, relay: Relay): void {
    relay.nack.cancel();
    relay.end.cancel();
    this.#open.delete(seq);
  }
}
