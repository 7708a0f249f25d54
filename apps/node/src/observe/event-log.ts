import type { NodeEvent, NodeId } from '@starling/core';
import type { Logger } from '../log.ts';

/** Shortest time between two lines of one kind that can come in floods, in ms. */
const floodEveryMs = 60_000;

/**
 * The machine's events as log lines. Changes of state are told each time: there are only as many as there are changes.
 * What can come in floods is told once a minute per kind, with how many were kept back.
 */
export class EventLog {
  readonly #log: Logger;
  readonly #nowMs: () => number;
  /** Last status told of each member: as many as the membership keeps. */
  readonly #members = new Map<NodeId, string>();
  readonly #floods = new Map<string, { untilMs: number; keptBack: number }>();

  constructor(log: Logger, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  note(event: NodeEvent): void {
    switch (event.type) {
      case 'member':
        this.#member(event.nodeId, event.status);
        break;
      case 'ring':
        this.#log.info({ epoch: event.epoch }, `ring: ${event.reason}`);
        break;
      case 'state':
        this.#log.info({ reason: event.reason }, `this node is ${event.state}`);
        break;
      case 'corrupt':
        this.warn('corrupt', { row: event.row }, 'a stored row does not match its checksum');
        break;
      case 'warning':
        this.warn(event.code, {}, event.message);
        break;
      case 'transfer':
      case 'hint':
      case 'conflict':
      case 'repair':
        this.#log.debug(event, event.type);
        break;
      default:
        event satisfies never;
    }
  }

  /** A member's event also tells that its facts have changed; only a change of status is worth a line. */
  #member(nodeId: NodeId, status: string): void {
    if (this.#members.get(nodeId) === status) return;
    this.#members.set(nodeId, status);
    this.#log.info({ member: nodeId }, `member is ${status}`);
  }

  /** Logs a warning at most once a minute for each `code`, which must be of a closed set. */
  warn(code: string, facts: object, message: string): void {
    const now = this.#nowMs();
    const flood = this.#floods.get(code);
    if (flood !== undefined && now < flood.untilMs) {
      flood.keptBack++;
      return;
    }
    const keptBack = flood?.keptBack ?? 0;
    this.#floods.set(code, { untilMs: now + floodEveryMs, keptBack: 0 });
    this.#log.warn({ code, ...facts, ...(keptBack > 0 ? { keptBack } : {}) }, message);
  }
}
