import type { ErrorCode } from '../base/errors.ts';
import type { NodeId } from '../base/ids.ts';
import { emptyRecord, isAccepted, mergeRecords, sameRecord } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { recordDigest } from '../codec/record.ts';
import type { ReadReply, StoreReply } from '../node/messages.ts';
import { acceptedBallot, sameBallot } from '../paxos/key-acceptor.ts';
import { standsBy } from '../paxos/key-found.ts';
import { Agreement } from './agreement.ts';
import { Operation } from './operation.ts';
import { isStrict, Quorum } from './quorum.ts';
import { refusalCode } from './refusal-code.ts';
import type { GetRequest, Level } from './request.ts';
import { Round } from './round.ts';
import { readResult } from './visible.ts';

/** Over this many bytes a record is asked of one replica only, and its digest of the others. */
export const digestOverBytes = 4096;

/** How long a repair that nobody waits for may stay unanswered before it is forgotten, in ms. */
const repairAnswerMs = 5000;

interface Answer {
  readonly node: NodeId;
  readonly record: StoredRecord | null;
  readonly digest: string;
}

/**
 * A read: the answers of R replicas, merged. When they differ the merge is stored on a write quorum before the client
 * gets it, so that no later read can miss it (the second phase of Attiya, Bar-Noy, Dolev: "Sharing memory robustly
 * in message-passing systems", 1995).
 */
export class ReadOperation extends Operation<GetRequest> {
  #level: Level = this.request.level;
  #agreement: Agreement | null = null;
  #round: Round<ReadReply> | null = null;
  #writeBack: Round<StoreReply> | null = null;
  /** At most one of each replica. */
  #answers: Answer[] = [];
  #digests = true;

  override start(): void {
    const { host, request } = this;
    this.#answers = [];
    const digest = this.#digests && host.local.bytesOf(request.ref) > digestOverBytes;
    const round = new Round<ReadReply>(host, this.trace, {
      phase: 'read',
      set: this.set,
      level: this.#level,
      kind: 'readReply',
      sparing: true,
      build: (rpc) => ({ kind: 'read', rpc, epoch: this.epoch, ref: request.ref, digest }),
      askLocal: (then) =>
        host.local.read(request.ref, (read) =>
          then(
            typeof read === 'string' ? read : { kind: 'readReply', result: 'ok', record: read, digest: '' },
          ),
        ),
      answered: (node, reply) => this.#answered(node, reply),
      done: () => this.#resolve(),
      impossible: () => this.#impossible(),
      exhausted: () => this.#finishIfIdle(),
    });
    this.#round = round;
    round.start();
    if (!this.answered && !this.finished) this.hedgeAfter(round.usualMs, () => this.#hedge());
  }

  /** A read only asks: where it is asked from does not matter. */
  protected override get movable(): boolean {
    return false;
  }

  protected override dropRounds(): void {
    this.#round?.close();
    this.#writeBack?.close();
    this.#agreement?.close();
  }

  protected override restart(): void {
    if (this.#agreement !== null) return this.#agreement.restart();
    this.dropRounds();
    this.#writeBack = null;
    if (this.answered) return this.finish();
    this.start();
  }

  #hedge(): void {
    if (!this.answered && this.#writeBack === null) this.#round?.askMore();
  }

  override expire(): void {
    // A write-back may have reached some replicas, but it stores only what was already there: a read has no effect.
    const late = this.#agreement ?? this.#writeBack ?? this.#round;
    const phase = late === this.#round ? 'read' : late === this.#writeBack ? 'write-back' : 'prepare';
    if (!this.answered && late !== null) this.failQuorum(late.quorum, phase, 'failed');
    this.dropRounds();
    this.finish();
  }

  override abandon(): void {
    super.abandon();
    this.dropRounds();
    this.finish();
  }

  #answered(node: NodeId, reply: Pick<ReadReply, 'record' | 'digest'>): void {
    this.#answers.push({ node, record: reply.record, digest: reply.digest });
    if (this.answered) this.#repair();
  }

  #impossible(): void {
    if (this.#round !== null) this.failQuorum(this.#round.quorum, 'read', 'failed');
  }

  #resolve(): void {
    const merged = this.#merged();
    const lagging = this.#lagging(merged);
    if (lagging.length === 0 && merged.vote === null) return this.#reply(merged);
    if (lagging.some(({ record }) => record === null)) return this.#readInFull();
    if (merged.vote !== null) return this.#resolveAgreed(merged);
    if (isStrict(this.request.level, this.set.current.length)) return this.#startWriteBack(merged, lagging);
    this.#reply(merged);
    this.#repair();
  }

  /**
   * A promise was met: what one replica holds may never be chosen (rule 4). It is the answer at once only if a majority
   * has accepted it under one ballot and promised no higher one; else a round settles what the answer is.
   */
  #resolveAgreed(merged: StoredRecord): void {
    if (!isStrict(this.#level, this.set.current.length)) {
      this.#level = 'quorum';
      this.#round?.close();
      return this.start();
    }
    const quorum = new Quorum(this.set, 'quorum');
    for (const { node, record } of this.#answers) {
      // Only a digest that is that of the record stands here without one.
      if (standsBy(record ?? merged, acceptedBallot(merged))) quorum.ack(node);
    }
    if (!quorum.satisfied) return this.#settle();
    this.#reply(merged);
    this.#repair();
  }

  #settle(): void {
    const { host, request } = this;
    this.cancelHedge();
    this.#round?.close();
    this.#agreement = new Agreement(host, this.trace, {
      ref: request.ref,
      request: '',
      level: () => 'quorum',
      placement: () => this.placement,
      decide: ({ value }) => {
        const note = host.mint(value.clock);
        if (note === null) this.#failAgreement('not_ready', 'this node may not mint yet');
        return note === null ? null : { value, note };
      },
      chosen: (value) => this.#reply(value),
      unavailable: (phase, quorum) => {
        this.failQuorum(quorum, phase, 'failed');
        this.#end();
      },
      refused: (why) => this.#failAgreement(refusalCode(why), `this node could not take part: ${why}`),
      over: () => this.finish(),
    });
    this.#agreement.start();
  }

  #failAgreement(code: ErrorCode, message: string): void {
    this.fail(code, 'failed', message);
    this.#end();
  }

  #end(): void {
    this.#agreement?.close();
    this.finish();
  }

  /** A digest tells that a replica differs, not how: read again without digests. Rare, and only for large records. */
  #readInFull(): void {
    this.#round?.close();
    this.#digests = false;
    this.start();
  }

  #startWriteBack(merged: StoredRecord, lagging: readonly Answer[]): void {
    const { host, request } = this;
    const agreed = this.#answers.filter((answer) => !lagging.includes(answer)).map(({ node }) => node);
    const round = new Round<StoreReply>(host, this.trace, {
      phase: 'write-back',
      set: this.set,
      level: 'quorum',
      kind: 'storeReply',
      sparing: false,
      agreed,
      build: (rpc) => ({
        kind: 'store',
        rpc,
        epoch: this.epoch,
        ref: request.ref,
        record: merged,
        counted: true,
      }),
      refused: ({ result }) => {
        if (result === 'promised') this.#settleInstead();
      },
      askLocal: (then) =>
        host.local.merge(request.ref, merged, (result) => {
          if (result === 'promised') this.#settleInstead();
          else then(result === 'ok' ? { kind: 'storeReply', result } : result);
        }),
      answered: (node) => {
        if (lagging.some((answer) => answer.node === node)) host.repaired(request.ref, node);
      },
      done: () => this.#reply(merged),
      impossible: () => this.failQuorum(round.quorum, 'write-back', 'failed'),
      exhausted: () => this.#finishIfIdle(),
    });
    this.#writeBack = round;
    round.start();
  }

  /** A replica has made a promise for the key since it was read: what is stored there plainly counts no more. */
  #settleInstead(): void {
    if (this.answered || this.finished || this.#agreement !== null) return;
    this.#writeBack?.close();
    this.#settle();
  }

  #merged(): StoredRecord {
    let merged: StoredRecord | null = null;
    for (const { record } of this.#answers)
      if (record !== null) merged = merged === null ? record : mergeRecords(merged, record);
    return merged ?? emptyRecord;
  }

  /** The answers that are not the merged record. */
  #lagging(merged: StoredRecord): readonly Answer[] {
    return this.#answers.filter(({ record, digest }) =>
      record === null ? digest !== recordDigest(merged) : !sameRecord(record, merged),
    );
  }

  #reply(record: StoredRecord): void {
    this.cancelHedge();
    const explain = this.explain(this.#round?.quorum.needed ?? 0);
    this.reply(readResult(this.request.ref, record, this.host.wallMs(), explain));
  }

  /** Sends what they lack to replicas found behind after the answer; nobody waits for it. */
  #repair(): void {
    if (this.#writeBack !== null) return;
    const { host, request } = this;
    const merged = this.#merged();
    const lagging = this.#lagging(merged).filter(
      // One that has only promised more than the others lacks nothing.
      ({ record }) => record === null || !isAccepted(record) || !sameBallot(record, merged),
    );
    this.#answers = this.#answers.filter((answer) => !lagging.includes(answer));
    for (const { node } of lagging) {
      if (node === host.self) host.local.copy(request.ref, merged, () => host.repaired(request.ref, node));
      else {
        const build = (rpc: number) =>
          ({
            kind: 'store',
            rpc,
            epoch: this.epoch,
            ref: request.ref,
            record: merged,
            counted: false,
          }) as const;
        const rpc = host.calls.call(node, build, (reply) => {
          if (reply !== null) host.repaired(request.ref, node);
        });
        // Nobody waits for this answer; if it is lost, the call must not stay open for ever.
        host.timers.after(repairAnswerMs, () => host.calls.close(rpc));
      }
    }
  }

  #finishIfIdle(): void {
    if (!this.answered) return;
    this.finish();
  }
}
