import type { NodeEvent } from '@starling/core';
import type { MachinePort } from '../../service/machine-port.ts';
import { LiveEvents } from './live-events.ts';
import { type LiveParts, livePartsOf } from './live-parts.ts';

/** Parts that replace their namesake as a whole, in the order in which they are told. */
const partNames = ['ring', 'members', 'nodes', 'transfers', 'hints'] as const;

/**
 * What followers of `/ws` are told: the state once, and then only what differs. Every message is written once, however
 * many follow.
 */
export class LiveFeed {
  readonly #machine: MachinePort;
  #parts: LiveParts;
  #sequence = 0;
  readonly #events: LiveEvents;

  /** Events of one kind about one node are told at most every `repeatMs`. */
  constructor(machine: MachinePort, repeatMs: number) {
    this.#machine = machine;
    this.#events = new LiveEvents(machine.nodeId, repeatMs);
    this.#parts = this.#look();
  }

  event(event: NodeEvent): void {
    const { mono, wall } = this.#machine.now();
    this.#events.note(event, mono, wall);
  }

  /** Looks at the state and answers with the messages that bring a follower up to it. */
  round(): string[] {
    const before = this.#parts;
    const now = this.#look();
    this.#parts = now;
    const messages: string[] = [];
    for (const name of partNames) {
      if (now[name] !== before[name]) messages.push(this.#message(name, now[name]));
    }
    if (now.healthKey !== before.healthKey) messages.push(this.#message('health', now.health));
    const { mono, wall } = this.#machine.now();
    const news = this.#events.takeNews(mono, wall);
    if (news.length > 0) messages.push(this.#message('events', JSON.stringify(news)));
    return messages;
  }

  /** The whole state as of the last round, for a follower that has none or fell behind. */
  snapshot(): string {
    const { clusterId, health, members, ring, nodes, transfers, hints } = this.#parts;
    const state = `{"clusterId":${clusterId},"health":${health},"members":${members},"ring":${ring},"nodes":${nodes},"transfers":${transfers},"hints":${hints},"events":${JSON.stringify(this.#events.told())}}`;
    return this.#stamped('snapshot', `"state":${state}`);
  }

  #look(): LiveParts {
    return livePartsOf(this.#machine.view(), this.#machine.now().wall);
  }

  #message(name: string, text: string): string {
    this.#sequence++;
    return this.#stamped(name, `"${name}":${text}`);
  }

  #stamped(type: string, rest: string): string {
    const { wall } = this.#machine.now();
    const observer = JSON.stringify(this.#machine.nodeId);
    return `{"type":"${type}","sequence":${this.#sequence},"observer":${observer},"at":${wall},${rest}}`;
  }
}
