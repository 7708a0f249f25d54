import { unreachable } from '../base/assert.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { etagOf } from '../causality/context-token.ts';
import { formatDot, sameDot } from '../causality/dot.ts';
import {
  mergeRecords,
  recordHlc,
  restateSibling,
  siblingOf,
  winner,
  withVote,
  writeSibling,
} from '../causality/dvv-set.ts';
import type { Dot, StoredRecord, VersionVector } from '../causality/record.ts';
import { covers, descends, joinClocks } from '../causality/version-vector.ts';
import { agreedActor } from '../paxos/agreed-actor.ts';
import { Agreement, type Decision } from './agreement.ts';
import type { AgreementView } from './agreement-view.ts';
import { newSibling } from './new-sibling.ts';
import { Operation, type RefusedWrite } from './operation.ts';
import { isStrict } from './quorum.ts';
import { refusalCode } from './refusal-code.ts';
import type { Condition, DeleteRequest, PutRequest } from './request.ts';
import { requestTag } from './request-tag.ts';
import { contextAfterWrite, etagAfterWrite, readResult } from './visible.ts';

/** How the request ends once the value that was decided on is chosen. */
type Verdict =
  | { readonly kind: 'written'; readonly dot: Dot; readonly repeated: boolean }
  | { readonly kind: 'unmet' }
  | { readonly kind: 'unclear' };

/**
 * A write that the key's replicas agree on: a put or delete with a condition, or a plain one of a key for which promises
 * were made. It replaces all that is found; with a context and no condition, what the context covers.
 */
export class AgreedWrite extends Operation<PutRequest | DeleteRequest> {
  readonly #agreement: Agreement;
  readonly #request: string;
  readonly #refused: RefusedWrite | null;
  /** Dots of this request in values that were proposed. Each proposal has its own: it follows on what it found. */
  readonly #proposed: Dot[] = [];
  /** The refused write was proposed: a value that has it in it may be of that proposal. */
  #restated = false;
  #verdict: Verdict = { kind: 'unmet' };

  /** With `refused`, the write exists already, and `answered` tells whether its client has had its answer. */
  constructor(
    { refused, answered }: { readonly refused: RefusedWrite | null; readonly answered: boolean },
    ...args: ConstructorParameters<typeof Operation<PutRequest | DeleteRequest>>
  ) {
    super(...args);
    this.#refused = refused;
    this.#request = requestTag(this.request.requestId);
    if (answered) super.abandon();
    const { ref, level } = this.request;
    this.#agreement = new Agreement(this.host, this.trace, {
      ref,
      request: this.#request,
      level: (replicas) => (isStrict(level, replicas) ? level : 'quorum'),
      placement: () => this.placement,
      decide: (view) => this.#decide(view),
      chosen: (value) => this.#chosen(value),
      unavailable: (phase, quorum) => {
        this.failQuorum(quorum, phase, this.#outcome);
        this.#end();
      },
      refused: (why) => {
        this.fail(refusalCode(why), this.#outcome, `this node could not take the write: ${why}`);
        this.#end();
      },
      over: () => this.#over(true),
    });
  }

  override start(): void {
    this.#agreement.start();
  }

  override expire(): void {
    this.failQuorum(this.#agreement.quorum, this.#agreement.proposed ? 'accept' : 'prepare', this.#outcome);
    this.#end();
  }

  override abandon(): void {
    super.abandon();
    if (this.#outcome === 'failed') this.#end();
  }

  protected override restart(): void {
    this.#agreement.restart();
  }

  protected override get movable(): boolean {
    return this.#outcome === 'failed' && !this.answered;
  }

  protected override dropRounds(): void {
    this.#agreement.close();
  }

  /** What can be said of the write while no value is chosen that has it in it, or has it not. */
  get #outcome(): 'failed' | 'unknown' {
    return this.#refused === null && this.#proposed.length === 0 ? 'failed' : 'unknown';
  }

  #decide(view: AgreementView): Decision | null {
    const { value, applied } = view;
    const mine = this.#proposed.find((dot) => covers(value.clock, dot));
    if (mine !== undefined) return this.#settle(value, { kind: 'written', dot: mine, repeated: false });
    if (this.#refused !== null) return this.#bringIn(view, this.#refused);
    const first = applied.find(({ request }) => request !== '' && request === this.#request);
    if (first !== undefined) return this.#settle(value, { kind: 'written', dot: first.dot, repeated: true });
    if (!this.#holds(value)) return this.#settle(value, { kind: 'unmet' });
    return this.#write(value);
  }

  /**
   * Rule 3: a refused plain write is proposed under the dot it has, and only if the value found does not cover that: it may
   * have been stored, read and built upon. Where somebody else has brought it into an agreed value, and it is not what
   * a reader gets, nobody here can tell whether it ever was.
   */
  #bringIn({ value, agreed }: AgreementView, refused: RefusedWrite): Decision | null {
    if (!covers(value.clock, refused.dot)) return this.#restate(value, refused);
    const shown = value.siblings[0];
    const certain = !agreed || this.#restated || (shown !== undefined && sameDot(shown.dot, refused.dot));
    return this.#settle(
      value,
      certain ? { kind: 'written', dot: refused.dot, repeated: false } : { kind: 'unclear' },
    );
  }

  #settle(value: StoredRecord, verdict: Verdict): Decision | null {
    const note = this.#mint(value.clock);
    this.#verdict = verdict;
    return note === null ? null : { value, note };
  }

  #mint(seen: VersionVector): Dot | null {
    const why = 'this node may not mint yet: its lease of counters is not on disk';
    return this.host.mint(seen) ?? this.#giveUp('not_ready', why);
  }

  #giveUp(code: ErrorCode, why: string): null {
    this.fail(code, this.#outcome, why);
    this.#end();
    return null;
  }

  /** A client that says what it has seen is not to overwrite what it has not. */
  #holds(value: StoredRecord): boolean {
    const { condition, context, ref } = this.request;
    if (condition === null) return true;
    if (context !== null && !descends(context.clock, value.clock)) return false;
    const now = winner(value, this.host.wallMs());
    return meets(condition, now !== null && now.value !== null, () => etagOf(ref, value));
  }

  /** The write takes effect under the dot it has, after all that was found. */
  #restate(value: StoredRecord, { dot, record }: RefusedWrite): Decision | null {
    const note = this.#mint(value.clock);
    if (note === null) return null;
    const beside = mergeRecords(value, withVote(record, null));
    const sibling = siblingOf(record, dot);
    this.#verdict = { kind: 'written', dot, repeated: false };
    this.#restated = true;
    // Another write on this node has replaced it already: that one covers it, wherever it goes.
    if (sibling === null) return { value: beside, note };
    const covered = this.request.context?.clock ?? joinClocks(value.clock, beside.clock);
    return { value: restateSibling(beside, covered, sibling), note };
  }

  #write(value: StoredRecord): Decision | null {
    const { host, request } = this;
    // Only a replica mints. What this node proposed when it was one may be chosen by whoever finds it.
    if (!this.isReplica) return this.#giveUp('not_ready', 'this node has ceased to be a replica of the key');
    const note = this.#mint(value.clock);
    if (note === null) return null;
    const dot = { actor: agreedActor(note.actor), counter: note.counter };
    const context = request.condition === null ? request.context : null;
    const above = Math.max(recordHlc(value), request.context?.hlc ?? 0) as Hlc;
    const sibling = newSibling(host, request, dot, above, this.#request, context);
    const written = writeSibling(value, context?.clock ?? value.clock, sibling);
    if (written.siblings.length > limits.siblingsMax) {
      const message = `the key has ${value.siblings.length} siblings: read it and write with that context first`;
      return this.#giveUp('too_many_siblings', message);
    }
    this.#proposed.push(dot);
    this.#verdict = { kind: 'written', dot, repeated: false };
    return { value: written, note };
  }

  #chosen(value: StoredRecord): void {
    const { request, host } = this;
    const explain = this.explain(this.#agreement.quorum.needed);
    const verdict = this.#verdict;
    if (verdict.kind === 'unmet') {
      const found = readResult(request.ref, value, host.wallMs(), null);
      return this.reply({ kind: 'unmet', found, explain });
    }
    if (verdict.kind === 'unclear') {
      const message =
        'the write met the first conditional write of its key: it may have been replaced unseen';
      return this.fail('quorum_unavailable', 'unknown', message);
    }
    const { dot, repeated } = verdict;
    const hlc = siblingOf(value, dot)?.hlc ?? recordHlc(value);
    const context = request.condition === null ? request.context : null;
    this.reply({
      kind: 'written',
      context: contextAfterWrite(context, value, dot, hlc),
      etag: etagAfterWrite(request.ref, value, dot),
      dot: formatDot(dot),
      hlc,
      siblingCount: Math.max(0, value.siblings.length - 1),
      repeated,
      explain,
    });
  }

  #end(): void {
    this.#agreement.close();
    this.#over(false);
  }

  /** The note of the plain write goes with the agreement on it, or leaves hints that bring it about later. */
  #over(chosen: boolean): void {
    if (this.finished) return;
    if (this.#refused !== null) {
      const all = [...this.set.current, ...(this.set.pending ?? [])];
      this.host.unsettled.settle(this.#refused.dot, this.request.ref, chosen ? [] : this.others(all));
    }
    this.finish();
  }
}

function meets(condition: Condition, exists: boolean, etag: () => string): boolean {
  switch (condition.kind) {
    case 'absent':
      return !exists;
    case 'exists':
      return exists;
    case 'match':
      return exists && condition.etags.includes(etag());
    default:
      return unreachable(condition);
  }
}
