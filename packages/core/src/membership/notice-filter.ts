import { unreachable } from '../base/assert.ts';
import type { MonoMs } from '../base/ids.ts';
import type { SwimNotice } from './options.ts';

/** One kind of notice about one subject is passed on at most this often: they come from packets, which come at will. */
const noticePauseMs = 60_000;

/** Subjects remembered; over it the oldest is forgotten, and may then be told of again. */
const noticesMax = 256;

/** Passes notices on, each kind and subject at most once a minute. */
export class NoticeFilter {
  readonly #now: () => MonoMs;
  readonly #pass: (notice: SwimNotice) => void;
  readonly #toldAt = new Map<string, MonoMs>();

  constructor(now: () => MonoMs, pass: (notice: SwimNotice) => void) {
    this.#now = now;
    this.#pass = pass;
  }

  note(notice: SwimNotice): void {
    const key = `${notice.type} ${subjectOf(notice)}`;
    const toldAt = this.#toldAt.get(key);
    if (toldAt !== undefined && this.#now() - toldAt < noticePauseMs) return;
    this.#toldAt.delete(key);
    this.#toldAt.set(key, this.#now());
    for (const oldest of this.#toldAt.keys()) {
      if (this.#toldAt.size <= noticesMax) break;
      this.#toldAt.delete(oldest);
    }
    this.#pass(notice);
  }
}

function subjectOf(notice: SwimNotice): string {
  switch (notice.type) {
    case 'nodeIdInUse':
    case 'foreignCluster':
      return notice.address;
    case 'refused':
      return notice.by;
    case 'membersFull':
    case 'udpUnreachable':
    case 'implausibleIncarnation':
      return notice.nodeId;
    case 'replaced':
    case 'nodeIdHeld':
    case 'incarnationExhausted':
      return '';
    default:
      return unreachable(notice);
  }
}
