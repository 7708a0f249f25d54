import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { Timers } from '../base/timers.ts';
import { isBlank } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import type { PeerMessage } from '../node/messages.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import { bucketStart } from '../ring/rows.ts';
import type { HintStore } from './hint-store.ts';

/** Records on their way to one target at a time: enough to fill a round trip, few enough not to be a storm. */
export const hintWindow = 32;
/** How often owed records are looked at, in ms, beside the moment a target comes back. */
const lookEveryMs = 500;
/** Pause after a target refused or was lost, in ms. */
const pauseMs = 1000;
/** A target that says nothing for so long, in ms, is sent the record again: its answer may be lost. */
const answerMs = 5000;
/** Rows read at a time when a target is owed everything. */
const pageRowsMax = 128;
const pageBytesMax = 1 << 20;

export interface HintHost {
  readonly self: NodeId;
  readonly timers: Timers;
  isReachable(node: NodeId): boolean;
  /** Whether the ring lists the node; nobody else is a replica of anything. */
  isMember(node: NodeId): boolean;
  /** The ring's epoch; null while there is no ring. */
  epoch(): RingEpoch | null;
  /** Every replica of the key, old and new. */
  replicasOf(ref: KeyRef): readonly NodeId[];
  heardEpoch(node: NodeId, epoch: RingEpoch): void;
  /** The key's durable record, or null if it is corrupt. An empty record means this node has none. */
  load(ref: KeyRef, then: (record: StoredRecord | null) => void): void;
  scan(
    range: { after: string; until: string; rowsMax: number; bytesMax: number },
    then: (page: { rows: readonly (readonly [row: string, value: unknown])[]; done: boolean }) => void,
  ): void;
  /** Asks once; answers null if no reply can come or none has come within that time. */
  ask(
    target: NodeId,
    build: (rpc: number) => PeerMessage,
    withinMs: number,
    answered: (reply: PeerMessage | null) => void,
  ): void;
  delivered(target: NodeId, pending: number): void;
}

interface Target {
  readonly busy: Set<string>;
  pausedUntil: number;
  pushing: boolean;
  /** How far everything has been sent that was owed when the mark stood so: a refusal does not start it over. */
  pushed: { readonly mark: number; readonly after: string } | null;
}

/** Sends what is owed to replicas that are back, a bounded number at a time, until nothing is owed. */
export class HintDelivery {
  readonly #store: HintStore;
  readonly #host: HintHost;
  readonly #targets = new Map<NodeId, Target>();

  constructor(store: HintStore, host: HintHost) {
    this.#store = store;
    this.#host = host;
    host.timers.every(lookEveryMs, lookEveryMs, () => this.lookAll());
  }

  /** A target may be back: look now. */
  look(target: NodeId): void {
    const state = this.#state(target);
    if (this.#host.epoch() !== null && !this.#host.isMember(target)) return this.#forsake(target);
    if (
      this.#host.epoch() === null ||
      state.pausedUntil > this.#host.timers.now ||
      !this.#host.isReachable(target)
    )
      return;
    const room = hintWindow - state.busy.size;
    for (const ref of this.#store.next(target, room, (ref) => state.busy.has(ref.row)))
      this.#deliver(target, state, ref);
    if (state.busy.size === 0 && this.#store.owesAll(target) > 0 && !state.pushing)
      this.#pushAll(target, state);
  }

  lookAll(): void {
    for (const target of this.#store.targets()) this.look(target);
  }

  #state(target: NodeId): Target {
    let state = this.#targets.get(target);
    if (state === undefined) {
      state = { busy: new Set(), pausedUntil: 0, pushing: false, pushed: null };
      this.#targets.set(target, state);
    }
    return state;
  }

  #deliver(target: NodeId, state: Target, ref: KeyRef): void {
    const replicas = this.#host.replicasOf(ref);
    if (!replicas.includes(target)) return this.#retarget(target, ref, replicas);
    state.busy.add(ref.row);
    const times = this.#store.timesOwed(target, ref);
    this.#send(target, ref, (outcome) => {
      state.busy.delete(ref.row);
      if (outcome === 'failed') state.pausedUntil = this.#host.timers.now + pauseMs;
      else {
        this.#store.remove(target, ref, times);
        this.#host.delivered(target, this.#store.countFor(target));
      }
      this.look(target);
    });
  }

  /**
   * Whoever has left the ring is owed nothing any more, and may never answer again. What it was owed its heirs are owed; the
   * mark of everything has been passed on to them when the ring changed.
   */
  #forsake(target: NodeId): void {
    for (const ref of this.#store.next(target, hintWindow, () => false))
      this.#retarget(target, ref, this.#host.replicasOf(ref));
    if (this.#store.countFor(target) === 0) this.#store.removeAllMark(target, this.#store.owesAll(target));
  }

  /** The key has moved: its present replicas are owed what the former one was. */
  #retarget(target: NodeId, ref: KeyRef, replicas: readonly NodeId[]): void {
    for (const replica of replicas) if (replica !== this.#host.self) this.#store.add(replica, ref);
    this.#store.remove(target, ref, this.#store.timesOwed(target, ref));
  }

  #send(target: NodeId, ref: KeyRef, then: (outcome: 'done' | 'failed') => void): void {
    this.#host.load(ref, (record) => {
      const epoch = this.#host.epoch();
      if (record === null || epoch === null) return then('failed');
      if (isBlank(record)) return then('done');
      const build = (rpc: number) => ({ kind: 'store', rpc, epoch, ref, record, counted: false }) as const;
      this.#host.ask(target, build, answerMs, (reply) => {
        if (reply?.kind !== 'storeReply') return then('failed');
        if (reply.result === 'staleEpoch') this.#host.heardEpoch(target, reply.epoch);
        then(reply.result === 'ok' ? 'done' : 'failed');
      });
    });
  }

  /** More was missed than the hints could name: send every record shared with the target, page by page. */
  #pushAll(target: NodeId, state: Target): void {
    const mark = this.#store.owesAll(target);
    state.pushing = true;
    const stop = (after: string) => {
      state.pushing = false;
      state.pushed = { mark, after };
      state.pausedUntil = this.#host.timers.now + pauseMs;
    };
    const nextPage = (after: string) => {
      const range = { after, until: bucketStart(65_536), rowsMax: pageRowsMax, bytesMax: pageBytesMax };
      this.#host.scan(range, (page) => {
        const refs = page.rows.map(([row]) => keyRefOfRow(row)).filter((ref) => ref !== null);
        this.#pushPage(target, refs, (ok) => {
          if (!ok) return stop(after);
          if (!page.done) return nextPage(page.rows.at(-1)?.[0] ?? after);
          this.#store.removeAllMark(target, mark);
          state.pushing = false;
          state.pushed = null;
        });
      });
    };
    nextPage(state.pushed?.mark === mark ? state.pushed.after : bucketStart(0));
  }

  #pushPage(target: NodeId, refs: readonly KeyRef[], then: (ok: boolean) => void): void {
    const shared = refs.filter((ref) => this.#host.replicasOf(ref).includes(target));
    let left = shared.length;
    let ok = true;
    if (left === 0) return then(true);
    for (const ref of shared) {
      this.#send(target, ref, (outcome) => {
        ok &&= outcome === 'done';
        if (--left === 0) then(ok);
      });
    }
  }
}
