import { isAccepted, mergeRecords, withVote } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { descends } from '../causality/version-vector.ts';
import { Agreement, type Decision } from './agreement.ts';
import { Operation } from './operation.ts';
import type { GetRequest } from './request.ts';
import { readResult } from './visible.ts';

/**
 * Brings a key to one chosen value on behalf of a replica that was handed a copy it may not merge: whatever plain writes
 * the copy has, and the value found does not know of, become part of it.
 */
export class SettleOperation extends Operation<GetRequest> {
  readonly #agreement: Agreement;
  readonly #copy: StoredRecord;

  constructor(copy: StoredRecord, ...args: ConstructorParameters<typeof Operation<GetRequest>>) {
    super(...args);
    this.#copy = copy;
    this.#agreement = new Agreement(this.host, this.trace, {
      ref: this.request.ref,
      request: '',
      level: () => 'quorum',
      placement: () => this.placement,
      decide: ({ value }) => this.#decide(value),
      chosen: (value) => this.reply(readResult(this.request.ref, value, this.host.wallMs(), null)),
      unavailable: (phase, quorum) => {
        this.failQuorum(quorum, phase, 'failed');
        this.#end();
      },
      refused: (why) => {
        this.fail('not_ready', 'failed', `this node could not take part: ${why}`);
        this.#end();
      },
      over: () => this.finish(),
    });
  }

  override start(): void {
    this.#agreement.start();
  }

  override expire(): void {
    this.failQuorum(this.#agreement.quorum, 'prepare', 'failed');
    this.#end();
  }

  protected override restart(): void {
    this.#agreement.restart();
  }

  protected override get movable(): boolean {
    return !this.set.pending?.includes(this.host.self) && !this.#agreement.proposed;
  }

  protected override dropRounds(): void {
    this.#agreement.close();
  }

  #decide(value: StoredRecord): Decision | null {
    const note = this.host.mint(value.clock);
    if (note !== null) return { value: this.#with(value), note };
    this.fail('not_ready', 'failed', 'this node may not mint yet');
    this.#end();
    return null;
  }

  #with(value: StoredRecord): StoredRecord {
    if (isAccepted(this.#copy) || descends(value.clock, this.#copy.clock)) return value;
    return mergeRecords(value, withVote(this.#copy, null));
  }

  #end(): void {
    this.#agreement.close();
    this.finish();
  }
}
