import type { Hlc, NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { formatDot } from '../causality/dot.ts';
import { mergeRecords, recordHlc, writeSibling } from '../causality/dvv-set.ts';
import type { Dot, StoredRecord, VersionVector } from '../causality/record.ts';
import { emptyClock, joinClocks } from '../causality/version-vector.ts';
import type { ClockReply, StoreReply } from '../node/messages.ts';
import type { SeenClock } from './host.ts';
import { newSibling } from './new-sibling.ts';
import { type HandOver, Operation } from './operation.ts';
import { isStrict } from './quorum.ts';
import { refusalCode } from './refusal-code.ts';
import type { DeleteRequest, PutRequest } from './request.ts';
import { requestTag } from './request-tag.ts';
import { Round } from './round.ts';
import { contextAfterWrite, etagAfterWrite } from './visible.ts';

/**
 * A write: a put, or a delete, which is a put of a tombstone.
 *
 * Round one asks a read quorum what it has seen of the key; the write gets an HLC above all of that. Without a
 * context it also covers all of that (a multi-writer register, Lynch and Shvartsman 1997); with a context it covers
 * exactly what the client saw, and the rest stays beside it. The dot is minted against this node's record as it
 * stands in that very step, never as it was read a round trip earlier: a version vector must not cover a dot that
 * the record neither carries nor supersedes. Round two stores the whole merged record on every replica.
 */
export class WriteOperation extends Operation<PutRequest | DeleteRequest> {
  readonly #request: string;
  #clocks: Round<ClockReply> | null = null;
  #stores: Round<StoreReply> | null = null;
  #seen: SeenClock = { clock: emptyClock, hlc: 0 as Hlc, applied: null };
  /** A replica that has applied this very request before. */
  #appliedAt: NodeId | null = null;
  /** Set from the moment the write exists: after that no outcome can be `failed`. */
  #written: { readonly dot: Dot; readonly hlc: Hlc; readonly record: StoredRecord } | null = null;
  #repeated = false;
  #localDurable = false;
  #localThen: (() => void) | null = null;
  readonly #toAgree: HandOver;

  constructor(
    toAgree: HandOver,
    ...args: ConstructorParameters<typeof Operation<PutRequest | DeleteRequest>>
  ) {
    super(...args);
    this.#toAgree = toAgree;
    this.#request = requestTag(this.request.requestId);
  }

  override start(): void {
    if (!isStrict(this.request.level, this.set.current.length)) return this.#mint();
    const { host, request } = this;
    const round = new Round<ClockReply>(host, this.trace, {
      phase: 'clock',
      set: this.set,
      level: 'quorum',
      kind: 'clockReply',
      sparing: true,
      build: (rpc) => ({ kind: 'clock', rpc, epoch: this.epoch, ref: request.ref, request: this.#request }),
      askLocal: (then) =>
        host.local.clock(request.ref, this.#request, (seen) => {
          if (seen === 'promised') this.#agree();
          else then(typeof seen === 'string' ? seen : { kind: 'clockReply', result: 'ok', ...seen });
        }),
      refused: ({ result }) => {
        if (result === 'promised') this.#agree();
      },
      answered: (node, seen) => this.#saw(node, seen),
      done: () => this.#mint(),
      // The write may exist by an earlier round, whose ring was replaced while the record came off the disk.
      impossible: () =>
        this.#written === null ? this.failQuorum(round.quorum, 'clock', 'failed') : undefined,
      exhausted: () => this.#finishIfFailed(),
    });
    this.#clocks = round;
    round.start();
    if (this.#written === null && !this.finished) this.hedgeAfter(round.usualMs, () => this.#hedge());
  }

  protected override restart(): void {
    this.dropRounds();
    if (this.#written !== null) return this.#store(this.#written.record);
    if (this.answered) return this.finish();
    this.start();
  }

  /** Only a replica mints: it alone has seen every dot of its own for the key. */
  protected override get movable(): boolean {
    return this.#written === null && !this.answered;
  }

  protected override dropRounds(): void {
    this.#clocks?.close();
    this.#stores?.close();
  }

  #hedge(): void {
    if (this.#written === null) this.#clocks?.askMore();
  }

  override expire(): void {
    this.#clocks?.close();
    if (this.#written === null) {
      // A retry whose first attempt was found but could not be read back: that attempt may well have taken effect.
      const outcome = this.#repeated ? 'unknown' : 'failed';
      if (this.#clocks !== null) this.failQuorum(this.#clocks.quorum, 'clock', outcome);
      else this.fail('quorum_unavailable', outcome, 'this node did not get to the record in time');
      return this.finish();
    }
    if (this.#stores !== null) this.failQuorum(this.#stores.quorum, 'store', 'unknown');
    this.#settle();
  }

  override abandon(): void {
    super.abandon();
    // Nothing has been written yet: the work can stop. A write that exists must still reach its replicas.
    if (this.#written !== null) return;
    this.#clocks?.close();
    this.finish();
  }

  #saw(node: NodeId, seen: SeenClock): void {
    if (this.#written !== null) return;
    if (seen.applied !== null) this.#appliedAt ??= node;
    this.#seen = {
      clock: joinClocks(this.#seen.clock, seen.clock),
      hlc: Math.max(this.#seen.hlc, seen.hlc) as Hlc,
      applied: this.#seen.applied ?? seen.applied,
    };
  }

  #mint(): void {
    this.cancelHedge();
    const { host, request } = this;
    const mint = () =>
      host.local.update(
        request.ref,
        (record) => this.#decide(record),
        () => this.#durable(),
        (why) => {
          if (this.#written !== null) return;
          this.fail(refusalCode(why), 'failed', `this node could not take the write: ${why}`);
          this.finish();
        },
      );
    // At a weak level no replica was asked; this node's own memory of requests is all that can recognise a retry.
    if (this.#clocks !== null || this.#request === '') return mint();
    host.local.clock(request.ref, this.#request, (seen) => {
      if (typeof seen !== 'string') this.#saw(host.self, seen);
      mint();
    });
  }

  /** Decides on the record as it stands now; null leaves it as it is. */
  #decide(record: StoredRecord): StoredRecord | null {
    // Two rounds may have got here when the ring changed in between: the first one's write is the write.
    if (this.finished || this.#written !== null) return null;
    if (record.vote !== null) {
      this.#agree();
      return null;
    }
    if (this.#appliedAt !== null || this.#carries(record)) {
      this.#repeat(record);
      return null;
    }
    const { host, request } = this;
    const dot = host.mint(joinClocks(this.#covered(record), this.#seen.clock));
    if (dot === null) {
      this.fail('not_ready', 'failed', 'this node may not mint yet: its lease of counters is not on disk');
      this.finish();
      return null;
    }
    const written = this.#write(record, dot);
    if (written.siblings.length > limits.siblingsMax) {
      const message = `the key has ${record.siblings.length} siblings: read it and write with that context first`;
      this.fail('too_many_siblings', 'failed', message);
      this.finish();
      return null;
    }
    this.#written = {
      dot,
      hlc: written.siblings.find((sibling) => sibling.dot === dot)?.hlc ?? recordHlc(written),
      record: written,
    };
    host.unsettled.begin(dot, request.ref);
    this.#store(written);
    return written;
  }

  #write(record: StoredRecord, dot: Dot): StoredRecord {
    const { host, request } = this;
    const { context } = request;
    const above = Math.max(this.#seen.hlc, recordHlc(record), context?.hlc ?? 0) as Hlc;
    const sibling = newSibling(host, request, dot, above, this.#request, context);
    return writeSibling(record, this.#covered(record), sibling);
  }

  /** What the write replaces: all that was seen, or exactly what the client says it saw. */
  #covered(record: StoredRecord): VersionVector {
    return this.request.context?.clock ?? joinClocks(this.#seen.clock, record.clock);
  }

  #carries(record: StoredRecord): boolean {
    return this.#request !== '' && record.siblings.some((sibling) => sibling.request === this.#request);
  }

  /**
   * The request was applied before. The replica that says so may be the only one to hold that attempt, so its record
   * is fetched and made as durable as an answer promises before the client hears that its write is done.
   */
  #repeat(record: StoredRecord): void {
    const { host, request } = this;
    const holder = this.#appliedAt;
    this.#repeated = true;
    if (holder === null || holder === host.self) return this.#repeatWith(record);
    const { epoch } = this;
    const build = (rpc: number) => ({ kind: 'read', rpc, epoch, ref: request.ref, digest: false }) as const;
    host.calls.call(holder, build, (reply) => {
      if (this.finished || this.#written !== null || epoch !== this.epoch) return;
      const found = reply?.kind === 'readReply' && reply.result === 'ok' ? reply.record : null;
      if (found !== null) return this.#repeatWith(mergeRecords(record, found));
      this.fail('quorum_unavailable', 'unknown', `${holder} holds the first attempt and could not be read`);
      this.finish();
    });
  }

  #repeatWith(record: StoredRecord): void {
    if (record.vote !== null) return this.#agree();
    const sibling = record.siblings.find((candidate) => candidate.request === this.#request);
    const dot = sibling?.dot ?? this.#seen.applied ?? noDot;
    this.#written = { dot, hlc: sibling?.hlc ?? recordHlc(record), record };
    this.#store(record);
  }

  #store(record: StoredRecord): void {
    const { host, request } = this;
    const round = new Round<StoreReply>(host, this.trace, {
      phase: 'store',
      set: this.set,
      level: request.level,
      kind: 'storeReply',
      sparing: false,
      build: (rpc) => ({ kind: 'store', rpc, epoch: this.epoch, ref: request.ref, record, counted: true }),
      askLocal: (then) => this.#askLocal(record, then),
      refused: ({ result }) => {
        if (result === 'promised' && !this.#isKept) this.#agree();
      },
      answered: () => undefined,
      done: () => this.#reply(),
      impossible: () => this.failQuorum(round.quorum, 'store', 'unknown'),
      exhausted: () => this.#settle(),
    });
    this.#stores = round;
    round.start();
  }

  /** A majority has it that had promised nothing: whatever is agreed on for the key, this write is in it. */
  get #isKept(): boolean {
    return this.answered && isStrict(this.request.level, this.set.current.length);
  }

  /** A replica has made a promise for the key: its writes are agreed on (rules 1 and 3). */
  #agree(): void {
    const refused = this.#repeated ? null : this.#written;
    // Its client was told that it failed, which a write that does not exist yet may not belie any more.
    if (refused === null && this.answered) return this.finish();
    this.handOver((answered) => this.#toAgree(this, refused, answered));
  }

  /** This node's own store is the very write that `#decide` returned: its answer is that write's durability. */
  #askLocal(record: StoredRecord, then: (answer: { kind: 'storeReply'; result: 'ok' }) => void): void {
    if (this.#repeated) {
      this.host.local.merge(this.request.ref, record, (result) => {
        if (result === 'ok') then({ kind: 'storeReply', result });
        else if (result === 'promised') this.#agree();
      });
      return;
    }
    if (this.#localDurable) return then({ kind: 'storeReply', result: 'ok' });
    this.#localThen = () => then({ kind: 'storeReply', result: 'ok' });
  }

  #durable(): void {
    this.#localDurable = true;
    const then = this.#localThen;
    this.#localThen = null;
    then?.();
  }

  #reply(): void {
    const written = this.#written;
    if (written === null) return;
    const { request } = this;
    this.reply({
      kind: 'written',
      context: contextAfterWrite(request.context, written.record, written.dot, written.hlc),
      etag: etagAfterWrite(request.ref, written.record, written.dot),
      dot: formatDot(written.dot),
      hlc: written.hlc,
      siblingCount: Math.max(0, written.record.siblings.length - 1),
      repeated: this.#repeated,
      explain: this.explain(this.#stores?.quorum.needed ?? 0),
    });
  }

  #settle(): void {
    const written = this.#written;
    if (written !== null && !this.#repeated) {
      this.host.unsettled.settle(written.dot, this.request.ref, this.others(this.#stores?.missing ?? []));
    }
    this.#stores?.close();
    this.finish();
  }

  #finishIfFailed(): void {
    if (this.answered && this.#written === null) this.finish();
  }
}

const noDot: Dot = { actor: '' as Dot['actor'], counter: 0 };
