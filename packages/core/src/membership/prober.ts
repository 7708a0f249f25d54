/**
 * The failure detector: one member per interval is asked for a sign of life, first directly, then through helpers and
 * over TCP at once (SWIM §3.1, Lifeguard §IV-A; memberlist `state.go` probeNode). Silence leads to a suspicion only.
 */
import type { MonoMs, NodeId } from '../base/ids.ts';
import { below, sample } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import type { LocalHealth } from './local-health.ts';
import { isReachable } from './member.ts';
import type { SwimHost, SwimNotice, SwimSettings, Via } from './options.ts';
import type { Outbox } from './outbox.ts';
import type { MemberClaim } from './packet.ts';
import { ProbeOrder } from './probe-order.ts';
import type { Roster } from './roster.ts';
import type { StallWatch } from './stall-watch.ts';

/** Probes in a row answered over TCP alone after which UDP is taken to be blocked: chance loss does not do that. */
const tcpOnlyAnswersMax = 5;

interface Probe {
  readonly seq: number;
  readonly target: MemberClaim;
  readonly startedAt: MonoMs;
  readonly endsAt: MonoMs;
  /** A second try, after a first whose end this process slept through. */
  readonly repeated: boolean;
  /** Others had missed the target before: silence is to be expected, and says nothing of this node's own health. */
  readonly foreseen: boolean;
  helpers: number;
  nacks: number;
}

export class Prober {
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #roster: Roster;
  readonly #outbox: Outbox;
  readonly #health: LocalHealth;
  readonly #stalls: StallWatch;
  readonly #nextSeq: () => number;
  readonly #onNotice: (notice: SwimNotice) => void;
  readonly #order: ProbeOrder;
  readonly #tcpOnlyAnswers = new Map<NodeId, number>();
  /** Whose turn it is; see `#pick`. */
  #wardNext = false;
  #wasUrgent = false;
  #probe: Probe | null = null;
  #indirect: Timer | null = null;
  /** The end of the running probe, or the start of the next. */
  #next: Timer | null = null;

  constructor(
    settings: SwimSettings,
    host: SwimHost,
    roster: Roster,
    outbox: Outbox,
    health: LocalHealth,
    stalls: StallWatch,
    nextSeq: () => number,
    onNotice: (notice: SwimNotice) => void,
  ) {
    this.#settings = settings;
    this.#host = host;
    this.#roster = roster;
    this.#outbox = outbox;
    this.#health = health;
    this.#stalls = stalls;
    this.#nextSeq = nextSeq;
    this.#onNotice = onNotice;
    this.#order = new ProbeOrder(
      host.random,
      () => roster.table.where(({ state }) => isReachable(state.status)).map(({ nodeId }) => nodeId),
      (nodeId) => this.#isWorthAProbe(nodeId),
    );
  }

  /** Begins at a random moment of the first interval, so that nodes started together do not probe in step. */
  start(): void {
    const phaseMs = below(this.#host.random, Math.max(1, Math.floor(this.#settings.tuning.probeIntervalMs)));
    this.#next = this.#host.timers.after(phaseMs, () => this.#begin(null));
  }

  stop(): void {
    this.#probe = null;
    this.#indirect?.cancel();
    this.#next?.cancel();
  }

  /** A member has become reachable. */
  include(nodeId: NodeId): void {
    this.#order.insert(nodeId);
  }

  /** A member is none any more. */
  forget(nodeId: NodeId): void {
    this.#tcpOnlyAnswers.delete(nodeId);
  }

  /** A member is in doubt, though nothing is proven: it is probed next. */
  hasten(nodeId: NodeId): void {
    this.#order.hasten(nodeId);
  }

  /** An answer for a probe of this node. */
  acked(seq: number, subject: NodeId, via: Via): void {
    const probe = this.#probe;
    if (probe === null || probe.seq !== seq || probe.target.nodeId !== subject) return;
    this.#close();
    this.#health.note(-1);
    this.#countTcpOnly(subject, via);
    const pauseMs = probe.startedAt + this.#settings.tuning.probeIntervalMs - this.#host.timers.now;
    this.#next = this.#host.timers.after(pauseMs, () => this.#begin(null));
  }

  /** A helper is well but has not reached the target. */
  nacked(seq: number): void {
    if (this.#probe?.seq === seq) this.#probe.nacks++;
  }

  #begin(again: NodeId | null): void {
    const nodeId = again !== null && this.#isReachable(again) ? again : this.#pick();
    const state = nodeId === null ? undefined : this.#roster.table.get(nodeId)?.state;
    const { probeIntervalMs, probeTimeoutMs } = this.#settings.tuning;
    const { timers } = this.#host;
    if (state === undefined) {
      this.#next = timers.after(probeIntervalMs, () => this.#begin(null));
      return;
    }
    const endsAt = timers.now + this.#health.scaled(probeIntervalMs);
    const seq = this.#nextSeq();
    this.#probe = {
      seq,
      target: state.claim,
      startedAt: timers.now,
      endsAt,
      repeated: again === nodeId,
      foreseen: state.status === 'suspect',
      helpers: 0,
      nacks: 0,
    };
    this.#indirect = timers.after(probeTimeoutMs, () => this.#widen());
    this.#next = timers.after(endsAt - timers.now, () => this.#end());
    this.#ping(this.#probe, 'udp');
  }

  /**
   * In turn the ward and the next of the round: so every member is probed within two intervals by one that is charged
   * with it, and within a bounded time by each of the others. What is urgent comes in between, never two in a row: when
   * many members fail at once, confirming the known failures must not keep this node from finding the others.
   */
  #pick(): NodeId | null {
    const urgent = this.#wasUrgent ? null : this.#order.nextUrgent();
    this.#wasUrgent = urgent !== null;
    if (urgent !== null) return urgent;
    this.#wardNext = !this.#wardNext;
    const ward = this.#wardNext ? this.#roster.table.wardOf(this.#settings.nodeId) : null;
    return ward ?? this.#order.next();
  }

  /** No direct answer yet: helpers and TCP try, both at once. */
  #widen(): void {
    const probe = this.#probe;
    if (probe === null) return;
    this.#stalls.note(probe.startedAt + this.#settings.tuning.probeTimeoutMs);
    const { nodeId: target, instanceId: targetInstance } = probe.target;
    const helpers = sample(
      this.#host.random,
      this.#roster.table.where(({ nodeId, state }) => state.status === 'alive' && nodeId !== target),
      this.#settings.tuning.indirectChecks,
    );
    probe.helpers = helpers.length;
    const request = { kind: 'pingRequest', seq: probe.seq, target, targetInstance } as const;
    for (const { nodeId, state } of helpers) {
      this.#outbox.send(state.claim.address, 'udp', request, nodeId);
    }
    this.#ping(probe, 'tcp');
  }

  #end(): void {
    const probe = this.#probe;
    if (probe === null) return;
    this.#close();
    this.#stalls.note(probe.endsAt);
    if (this.#stalls.endedAt >= probe.startedAt && !probe.repeated) {
      // This process was not running all the time: the silence may be its own. Ask once more.
      this.#health.note(1);
      return this.#begin(probe.target.nodeId);
    }
    if (!probe.foreseen) this.#health.note(probe.helpers > 0 ? Math.max(0, probe.helpers - probe.nacks) : 1);
    this.#roster.accuse(probe.target);
    this.#begin(null);
  }

  /** A suspect whose accusers are enough, or who is accused by this node, is left to answer them. */
  #isWorthAProbe(nodeId: NodeId): boolean {
    const entry = this.#roster.table.get(nodeId);
    if (entry === undefined || !isReachable(entry.state.status)) return false;
    return entry.suspicion === null || entry.suspicion.isOpenTo(this.#settings.nodeId);
  }

  #isReachable(nodeId: NodeId): boolean {
    return isReachable(this.#roster.table.get(nodeId)?.state.status ?? 'dead');
  }

  #ping({ seq, target }: Probe, via: Via): void {
    const { nodeId, instanceId, address } = target;
    this.#outbox.send(
      address,
      via,
      { kind: 'ping', seq, target: nodeId, targetInstance: instanceId },
      nodeId,
    );
  }

  #close(): void {
    this.#probe = null;
    this.#indirect?.cancel();
    this.#next?.cancel();
  }

  #countTcpOnly(nodeId: NodeId, via: Via): void {
    if (via === 'udp') {
      this.#tcpOnlyAnswers.delete(nodeId);
      return;
    }
    const answers = (this.#tcpOnlyAnswers.get(nodeId) ?? 0) + 1;
    this.#tcpOnlyAnswers.set(nodeId, answers);
    if (answers === tcpOnlyAnswersMax) this.#onNotice({ type: 'udpUnreachable', nodeId });
  }
}
