import type { MonoMs, NodeId, RingEpoch } from '../base/ids.ts';
import type { Timer, Timers } from '../base/timers.ts';
import { compareUtf8 } from '../base/utf8.ts';
import type { StoredRecord } from '../causality/record.ts';
import type { PeerMessage, PullReply } from '../node/messages.ts';
import { bucketsIn } from '../ring/bucket-range.ts';
import type { KeyRef } from '../ring/key.ts';
import { bucketStart } from '../ring/rows.ts';
import { AnswerWait } from './answer-wait.ts';
import type { TransferPart } from './plan.ts';
import { obstacleOf, type PullObstacle } from './pull-obstacle.ts';

/** Parts of the plan taken over at one time: enough to keep every source busy, few enough that reads and writes go first. */
export const partsAtOnce = 8;
/** Pause before a source that refused or was lost is asked again, in ms. */
const retryMs = 250;
/** Pause before a source that was recovering is asked anew for all it has, in ms: recovering takes longer than a refusal. */
const doubtMs = 2000;

/** How far taking over has come. */
export interface PullProgress {
  readonly bucketsDone: number;
  readonly bucketsTotal: number;
  readonly bytes: number;
  /** Expected time to go at the pace so far, in ms; null while nothing is done yet. */
  readonly etaMs: number | null;
  /** null while records come. */
  readonly obstacle: PullObstacle | null;
}

export interface PullerHost {
  readonly timers: Timers;
  /** The ring's epoch. */
  epoch(): RingEpoch;
  heardEpoch(node: NodeId, epoch: RingEpoch): void;
  call(
    source: NodeId,
    build: (rpc: number) => PeerMessage,
    answered: (reply: PeerMessage | null) => void,
  ): number;
  closeCall(rpc: number): void;
  /** Merges one record into this node's own; answers true when that is durable, false if it could not be stored. */
  merge(ref: KeyRef, record: StoredRecord, then: (stored: boolean) => void): void;
  progress(bucketsDone: number, bucketsTotal: number, bytes: number, from: NodeId): void;
}

interface Stream {
  readonly part: TransferPart;
  readonly source: NodeId;
  after: string;
  /** Part of what is being given came while the source was recovering. */
  doubtful: boolean;
  /** How the part was last given to its end. */
  given: 'not yet' | 'in doubt' | 'whole';
  /** Calls for the page it is at: the source is asked again when it is silent, and whichever answer comes first counts. */
  readonly calls: Set<number>;
  /** Times in a row that the source was silent. */
  silences: number;
  /** What it does next if nothing is heard before. */
  timer: Timer | null;
}

/**
 * Takes over arcs from their replicas, page by page, merging whatever comes. Progress is kept in memory only: after a
 * crash the node starts over, which is safe because merging a record twice changes nothing.
 *
 * A source that is recovering may lack what it once acknowledged, so what it gives is merged but proves nothing, and it
 * is asked again when it may have recovered. Only where every source has given all it has is there nothing to wait for.
 */
export class Puller {
  readonly #host: PullerHost;
  readonly #waiting: TransferPart[];
  readonly #finished: () => void;
  readonly #streams: Stream[] = [];
  readonly #waits = new Map<NodeId, AnswerWait>();
  readonly #bucketsTotal: number;
  #bucketsDone = 0;
  #bytes = 0;
  readonly #active = new Set<readonly Stream[]>();
  #stopped = false;
  /** What was to be asked next when this was paused; null while it is not. */
  #held: Map<Stream, readonly Stream[]> | null = null;
  #obstacle: PullObstacle | null = null;
  #startedAt: MonoMs = 0;

  /** `finished` is called once, when every arc has been given by as many sources as it needs. */
  constructor(host: PullerHost, parts: readonly TransferPart[], finished: () => void) {
    this.#host = host;
    this.#waiting = [...parts];
    this.#finished = finished;
    this.#bucketsTotal = parts.reduce((sum, { ranges }) => sum + bucketsIn(ranges), 0);
  }

  get progress(): PullProgress {
    let done = this.#bucketsDone;
    for (const streams of this.#active) done += bucketsGiven(streams);
    const total = this.#bucketsTotal;
    const elapsedMs = this.#host.timers.now - this.#startedAt;
    return {
      bucketsDone: done,
      bucketsTotal: total,
      bytes: this.#bytes,
      etaMs: done === 0 ? null : (elapsedMs * (total - done)) / done,
      obstacle: this.#held === null ? this.#obstacle : 'paused',
    };
  }

  start(): void {
    this.#startedAt = this.#host.timers.now;
    if (this.#waiting.length === 0) return this.#finished();
    while (this.#active.size < partsAtOnce && this.#waiting.length > 0) this.#startPart();
  }

  /** Asks for no more pages until it is resumed; what was asked for already is still taken in. */
  setPaused(paused: boolean): void {
    if (paused) this.#held ??= new Map();
    else {
      const held = this.#held ?? [];
      this.#held = null;
      for (const [stream, streams] of held) this.#pull(stream, streams);
    }
  }

  /** The ring has moved on: what was to be taken is no longer what matters. */
  stop(): void {
    this.#stopped = true;
    for (const stream of this.#streams) this.#close(stream);
  }

  #startPart(): void {
    const part = this.#waiting.shift();
    if (part === undefined) return;
    const after = startOf(part);
    const streams = part.sources.map(
      (source): Stream => ({
        part,
        source,
        after,
        doubtful: false,
        given: 'not yet',
        calls: new Set(),
        silences: 0,
        timer: null,
      }),
    );
    this.#streams.push(...streams);
    this.#active.add(streams);
    for (const stream of streams) this.#pull(stream, streams);
  }

  #pull(stream: Stream, streams: readonly Stream[]): void {
    if (this.#stopped) return;
    if (partDone(streams)) return this.#close(stream);
    if (this.#held !== null) return void this.#held.set(stream, streams);
    const { source } = stream;
    const { ranges } = stream.part;
    const askedAt = this.#host.timers.now;
    let open = true;
    const answered = (reply: PeerMessage | null) => {
      open = false;
      stream.calls.delete(rpc);
      this.#close(stream);
      if (this.#stopped) return;
      if (reply !== null) this.#waitOf(source).answered(this.#host.timers.now - askedAt);
      this.#replied(stream, streams, reply);
    };
    const build = (id: number) =>
      ({ kind: 'pull', rpc: id, epoch: this.#host.epoch(), ranges, after: stream.after }) as const;
    let rpc = 0;
    rpc = this.#host.call(source, build, answered);
    if (!open) return;
    stream.calls.add(rpc);
    this.#wait(stream, this.#waitOf(source).after(stream.silences), () => this.#silent(stream, streams));
  }

  /** The answer may be lost, or just late: it is asked for again, and still taken if it comes. */
  #silent(stream: Stream, streams: readonly Stream[]): void {
    stream.silences++;
    this.#obstacle = 'unreachable';
    this.#pull(stream, streams);
  }

  #waitOf(source: NodeId): AnswerWait {
    let wait = this.#waits.get(source);
    if (wait === undefined) {
      wait = new AnswerWait();
      this.#waits.set(source, wait);
    }
    return wait;
  }

  /** The page has been answered, or is not wanted any more. */
  #close(stream: Stream): void {
    for (const rpc of stream.calls) this.#host.closeCall(rpc);
    stream.calls.clear();
    stream.silences = 0;
    stream.timer?.cancel();
    stream.timer = null;
  }

  #replied(stream: Stream, streams: readonly Stream[], reply: PeerMessage | null): void {
    const result = reply?.kind === 'pullReply' ? reply.result : null;
    this.#obstacle = obstacleOf(result);
    if (reply?.kind !== 'pullReply') return this.#later(stream, streams);
    if (reply.result === 'staleEpoch') this.#host.heardEpoch(stream.source, reply.epoch);
    if (reply.result !== 'ok' && reply.result !== 'recovering') return this.#later(stream, streams);
    if (reply.result === 'recovering') stream.doubtful = true;
    this.#mergePage(reply, stream.source, (stored) => {
      if (this.#stopped) return;
      if (!stored) {
        this.#obstacle = 'disk';
        return this.#later(stream, streams);
      }
      if (reply.next === null) return this.#streamDone(stream, streams);
      stream.after = reply.next;
      this.#pull(stream, streams);
    });
  }

  #mergePage(page: PullReply, source: NodeId, then: (stored: boolean) => void): void {
    let left = page.records.length;
    let stored = true;
    if (left === 0) return then(true);
    for (const { ref, record } of page.records) {
      for (const sibling of record.siblings) this.#bytes += sibling.value?.length ?? 0;
      this.#host.merge(ref, record, (ok) => {
        stored &&= ok;
        if (--left === 0) then(stored);
      });
    }
    this.#tellProgress(source);
  }

  #tellProgress(source: NodeId): void {
    const { bucketsDone, bucketsTotal, bytes } = this.progress;
    this.#host.progress(bucketsDone, bucketsTotal, bytes, source);
  }

  #streamDone(stream: Stream, streams: readonly Stream[]): void {
    const before = partDone(streams);
    if (stream.given !== 'whole') stream.given = stream.doubtful ? 'in doubt' : 'whole';
    if (before) return;
    if (!partDone(streams)) return this.#anew(stream, streams);
    this.#active.delete(streams);
    this.#bucketsDone += bucketsIn(stream.part.ranges);
    this.#tellProgress(stream.source);
    if (this.#waiting.length > 0) return this.#startPart();
    if (this.#active.size === 0) this.#finished();
  }

  /** The part is not done: a source that has given all it has, but in doubt, gives it again once it may have recovered. */
  #anew(stream: Stream, streams: readonly Stream[]): void {
    if (stream.given === 'whole') return;
    stream.after = startOf(stream.part);
    stream.doubtful = false;
    this.#later(stream, streams, doubtMs);
  }

  #later(stream: Stream, streams: readonly Stream[], afterMs = retryMs): void {
    this.#wait(stream, afterMs, () => this.#pull(stream, streams));
  }

  #wait(stream: Stream, afterMs: number, then: () => void): void {
    stream.timer?.cancel();
    stream.timer = this.#host.timers.after(afterMs, then);
  }
}

function startOf({ ranges }: TransferPart): string {
  return bucketStart(ranges[0]!.from);
}

/** The buckets of a part under way that as many sources as it needs have got through. */
function bucketsGiven(streams: readonly Stream[]): number {
  const given = streams.map(({ part: { ranges }, after, given: whole }) => {
    if (whole !== 'not yet') return bucketsIn(ranges);
    return bucketsIn(ranges.filter(({ to }) => compareUtf8(bucketStart(to + 1), after) <= 0));
  });
  const needed = streams[0]?.part.needed ?? 0;
  return given.sort((a, b) => b - a)[Math.max(needed, 1) - 1] ?? 0;
}

function partDone(streams: readonly Stream[]): boolean {
  const first = streams[0];
  if (first === undefined) return true;
  const whole = streams.filter(({ given }) => given === 'whole').length;
  return whole >= first.part.needed || streams.every(({ given }) => given !== 'not yet');
}
