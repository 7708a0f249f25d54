import type { MonoMs, RingEpoch } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { fraction } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import type { Dot, StoredRecord } from '../causality/record.ts';
import type { AcceptReply, PrepareReply } from '../node/messages.ts';
import { type Ballot, compareBallots, noBallot } from '../paxos/ballot.ts';
import { acceptedAs } from '../paxos/key-acceptor.ts';
import { foundAmong } from '../paxos/key-found.ts';
import type { KeyRef } from '../ring/key.ts';
import type { ReplicaSet } from '../ring/ring.ts';
import {
  type AgreementView,
  carriedOn,
  isChosen,
  type PromiseGiven,
  remembered,
  requestsIn,
} from './agreement-view.ts';
import type { ExplainTrace } from './explain-trace.ts';
import type { CoordinatorHost, Refusal } from './host.ts';
import { Quorum } from './quorum.ts';
import type { ExplainStep, Level } from './request.ts';
import { Round } from './round.ts';

/**
 * Pause before a ballot that was outbid is followed by the next, in ms: at random up to the time that ballot took, within
 * these bounds, doubled each time. Who has outbid it needs about as long, and would be outbid itself by one that comes sooner.
 */
const backoffMsMin = 4;
const backoffMsMax = 200;

/** What to make the value, and under which number this node keeps note of it until every replica has it. */
export interface Decision {
  readonly value: StoredRecord;
  readonly note: Dot;
}

export interface AgreementOptions {
  readonly ref: KeyRef;
  /** Tag of the client's request; empty for none. */
  readonly request: string;
  /** Accepts needed of so many replicas: a majority or more. */
  level(replicas: number): Level;
  placement(): { readonly set: ReplicaSet; readonly epoch: RingEpoch };
  /** The value to propose: that of the view itself to settle it. null to give up; the caller has then said why. */
  decide(view: AgreementView): Decision | null;
  /** This value was chosen: no later round can find another in its place. Called once. */
  chosen(value: StoredRecord): void;
  /** Too few replicas can be asked. Called at most once, never after `chosen`. */
  unavailable(phase: ExplainStep['phase'], quorum: Quorum): void;
  /** The replica on this node cannot take part. As `unavailable`. */
  refused(why: Refusal): void;
  /** Nothing more will happen. Called once, after `chosen`. */
  over(): void;
}

/**
 * Agrees with the replicas of one key on its next value: ballot after ballot of Paxos (Lamport, "Paxos made simple"),
 * with majorities of both lists while the arc is in transition, until a value that `decide` has made or confirmed is
 * chosen. A quorum of mixed epochs proves nothing, so a new ring means a new ballot.
 */
export class Agreement {
  readonly #host: CoordinatorHost;
  readonly #trace: ExplainTrace;
  readonly #options: AgreementOptions;
  #giveTurn: () => void = () => undefined;
  #round: Pick<Round<AcceptReply>, 'quorum' | 'missing' | 'close'> | null = null;
  #replies: PromiseGiven[] = [];
  /** Highest ballot round heard of. */
  #highest = 0;
  /** Round of the ballot under way. */
  #ballotRound = 0;
  #attempts = 0;
  /** When the ballot under way began. */
  #attemptedAt: MonoMs = 0;
  #outbid = false;
  #pause: Timer | null = null;
  /** A value may stand at replicas under a ballot of ours. */
  #note: Dot | null = null;
  /** The ballot under which an attempt of ours was chosen that only settled what it found. */
  #settled: Ballot = noBallot;
  /** The attempt under way only settles what it found; another follows. */
  #settleOnly = false;
  #running = false;
  #chosen = false;
  #closed = false;
  #localDurable = false;
  #localThen: (() => void) | null = null;

  constructor(host: CoordinatorHost, trace: ExplainTrace, options: AgreementOptions) {
    this.#host = host;
    this.#trace = trace;
    this.#options = options;
  }

  /** False as long as no replica can have accepted anything because of this agreement. */
  get proposed(): boolean {
    return this.#note !== null;
  }

  get quorum(): Quorum {
    return this.#round?.quorum ?? new Quorum(this.#options.placement().set, 'quorum');
  }

  start(): void {
    const { ref } = this.#options;
    let mine = true;
    const leave = this.#host.turns.take(ref.row, () => {
      this.#host.local.promised(ref, (promised) => {
        if (this.#closed) return;
        this.#running = true;
        this.#heard(promised);
        this.#attempt();
      });
    });
    this.#giveTurn = () => {
      if (mine) leave();
      mine = false;
    };
    if (this.#closed || this.#chosen) this.#giveTurn();
  }

  /** The ring has changed. */
  restart(): void {
    if (this.#chosen) return this.#end();
    if (!this.#running || this.#closed) return;
    this.#attempt();
  }

  /** Stops. What may stand at some replica is owed to the others, so that it is settled one way or the other. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    this.#giveTurn();
    const { set } = this.#options.placement();
    const missing = this.#chosen && this.#round !== null ? this.#round.missing : new Quorum(set, 'all').nodes;
    const others = missing.filter((node) => node !== this.#host.self);
    if (this.#note !== null) this.#host.unsettled.settle(this.#note, this.#options.ref, others);
  }

  #end(): void {
    if (this.#closed) return;
    this.close();
    this.#options.over();
  }

  #stop(): void {
    this.#round?.close();
    this.#pause?.cancel();
    this.#pause = null;
  }

  #heard(ballot: Ballot): void {
    this.#highest = Math.max(this.#highest, ballot.round);
  }

  #attempt(): void {
    this.#stop();
    const { ref, request, placement } = this.#options;
    const { set, epoch } = placement();
    const ballot: Ballot = { round: ++this.#highest, actor: this.#host.ballotActor() };
    this.#ballotRound = ballot.round;
    this.#attemptedAt = this.#host.timers.now;
    this.#replies = [];
    this.#outbid = false;
    const round = new Round<PrepareReply>(this.#host, this.#trace, {
      phase: 'prepare',
      set,
      level: 'quorum',
      kind: 'prepareReply',
      sparing: false,
      build: (rpc) => ({ kind: 'prepare', rpc, epoch, ref, ballot, request }),
      askLocal: (then) =>
        this.#host.local.prepare(ref, ballot, request, {
          promised: (seen) => then({ kind: 'prepareReply', result: 'ok', promised: ballot, ...seen }),
          refused: (why, promised) => {
            this.#heard(promised);
            if (why === 'outbid') this.#outbid = true;
            then(why);
          },
        }),
      answered: (node, { record, applied }) => {
        if (record !== null) this.#replies.push({ node, record, applied });
      },
      refused: (reply) => this.#refusedBy(reply),
      done: () => this.#propose(ballot, set, epoch),
      impossible: () => this.#failed('prepare', round.quorum),
      exhausted: () => undefined,
    });
    this.#round = round;
    round.start();
  }

  #refusedBy({ result, promised }: PrepareReply | AcceptReply): void {
    this.#heard(promised);
    if (result === 'outbid' || result === 'uncovered') this.#outbid = true;
  }

  #failed(phase: ExplainStep['phase'], quorum: Quorum): void {
    if (this.#outbid) return this.#again();
    this.#options.unavailable(phase, quorum);
  }

  /** Two that outbid each other must not go on in step. */
  #again(): void {
    this.#stop();
    const tookMs = this.#host.timers.now - this.#attemptedAt;
    const most = Math.min(backoffMsMax, Math.max(backoffMsMin, tookMs) * 2 ** this.#attempts++);
    this.#pause = this.#host.timers.after(1 + fraction(this.#host.random) * most, () => this.#attempt());
  }

  /**
   * A replica decides in the step in which it accepts, on its own record as it stands then: the value is on its way to
   * this disk before any other node hears of it, and a dot in it is written down by the node that minted it.
   */
  #propose(ballot: Ballot, set: ReplicaSet, epoch: RingEpoch): void {
    const replies = [...this.#replies];
    const current = () => !this.#closed && this.#options.placement().epoch === epoch;
    if (!new Quorum(set, 'quorum').nodes.includes(this.#host.self)) {
      const value = this.#decide(ballot, set, replies, null);
      if (value !== null) this.#accept(set, epoch, value);
      return;
    }
    this.#localDurable = false;
    this.#localThen = null;
    this.#host.local.propose(this.#options.ref, ballot, {
      decide: (own) => (current() ? this.#decide(ballot, set, replies, own) : null),
      proposed: (value) => this.#accept(set, epoch, value),
      durable: () => {
        // An earlier ballot's accept may reach a slow disk after this one's was staged: it says nothing of this one.
        if (ballot.round !== this.#ballotRound) return;
        this.#localDurable = true;
        this.#localThen?.();
      },
      refused: (why, promised) => {
        if (!current()) return;
        this.#heard(promised);
        if (why === 'outbid') this.#again();
        else this.#options.refused(why);
      },
    });
  }

  #decide(
    ballot: Ballot,
    set: ReplicaSet,
    replies: readonly PromiseGiven[],
    own: StoredRecord | null,
  ): StoredRecord | null {
    const records = replies.map(({ record }) => record);
    const found = foundAmong(own === null ? records : [...records, own]);
    const agreed = found.accepted.round > 0;
    const settled = agreed && compareBallots(found.accepted, this.#settled) === 0;
    const known = settled || isChosen(found, set, replies);
    const tags = requestsIn(found);
    // Over the bound the value is settled first: then everybody can be told that these requests are in it.
    const full = !known && tags.length >= limits.recentRequestsMax;
    const applied = [...tags, ...remembered(found, this.#options.request, replies)];
    const view = { value: found.value, agreed, applied };
    const decision = full ? this.#settle(found.value) : this.#options.decide(view);
    if (decision === null) return null;
    if (this.#note === null) {
      this.#note = decision.note;
      this.#host.unsettled.begin(decision.note, this.#options.ref);
    }
    this.#settleOnly = full;
    return acceptedAs(decision.value, ballot, carriedOn(found, known, decision.value));
  }

  #settle(value: StoredRecord): Decision | null {
    const note = this.#host.mint(value.clock);
    if (note === null) this.#options.refused('recovering');
    return note === null ? null : { value, note };
  }

  #accept(set: ReplicaSet, epoch: RingEpoch, record: StoredRecord): void {
    this.#stop();
    const { ref, level } = this.#options;
    this.#outbid = false;
    const round = new Round<AcceptReply>(this.#host, this.#trace, {
      phase: 'accept',
      set,
      level: this.#settleOnly ? 'quorum' : level(set.current.length),
      kind: 'acceptReply',
      sparing: false,
      build: (rpc) => ({ kind: 'accept', rpc, epoch, ref, record }),
      askLocal: (then) => {
        const answer = () => then({ kind: 'acceptReply', result: 'ok', promised: noBallot });
        if (this.#localDurable) answer();
        else this.#localThen = answer;
      },
      answered: () => undefined,
      refused: (reply) => this.#refusedBy(reply),
      done: () => this.#done(record),
      impossible: () => this.#failed('accept', round.quorum),
      exhausted: () => {
        if (this.#chosen) this.#end();
      },
    });
    this.#round = round;
    round.start();
  }

  #done(record: StoredRecord): void {
    if (this.#settleOnly) {
      this.#settled = record.vote?.accepted ?? noBallot;
      return this.#attempt();
    }
    this.#chosen = true;
    this.#giveTurn();
    this.#options.chosen(record);
  }
}
