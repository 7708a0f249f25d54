import type { MonoMs, NodeId } from '../base/ids.ts';
import { below } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import type { RingJoin } from './messages.ts';
import { planNext } from './operation-list.ts';
import { planDone, planJoin } from './plan.ts';
import type { Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';
import type { RingHost } from './ring-host.ts';
import { isOpen, type RingCommand, type RingRefusal } from './ring-operation.ts';
import { takersOf } from './takers.ts';

/** How often an owner looks whether a change is done or another waits to begin, in ms. */
const lookEveryMs = 300;
/** How much longer than the owner before it each waits until it proposes what is due, in ms: about what a proposal takes. */
const turnMs = 1500;

/** How far the change in progress has come, and which ring is due next. */
export class RingProgress {
  readonly #host: RingHost;
  #takers: ReadonlySet<NodeId> = new Set();
  /** Of the takers, those that say they hold all that the change gives them. */
  readonly #ready = new Set<NodeId>();
  #enforcedAt: MonoMs = 0;
  readonly #look: () => void;
  /** Runs while there is a change to end or to begin. */
  #looking: Timer | null = null;

  /** `look` is called again and again while some ring may be due. */
  constructor(host: RingHost, look: () => void) {
    this.#host = host;
    this.#look = look;
  }

  enforced(ring: Ring): void {
    this.#takers = takersOf(ring);
    this.#ready.clear();
    this.#enforcedAt = this.#host.timers.now;
    this.#lookWhile(ring.changing !== null || ring.doc.operations.some(isOpen));
  }

  #lookWhile(needed: boolean): void {
    const { timers, random } = this.#host;
    if (needed) this.#looking ??= timers.every(lookEveryMs, below(random, lookEveryMs), this.#look);
    else {
      this.#looking?.cancel();
      this.#looking = null;
    }
  }

  ready(node: NodeId): void {
    this.#ready.add(node);
  }

  /** Who is still to say that it has taken over what the change in progress gives it. */
  get awaited(): readonly NodeId[] {
    return [...this.#takers].filter((node) => !this.#ready.has(node));
  }

  /**
   * The next ring that this owner should propose now, or null. Any owner may; they take turns, by their ids and by how long
   * the ring has been in force, so that mostly one does, and always somebody.
   */
  due(ring: Ring): RingDoc | null {
    const { nodeId } = this.#host.self;
    const alive = ring.owners.filter((node) => node === nodeId || this.#host.isAlive(node));
    if (this.#host.timers.now - this.#enforcedAt < alive.indexOf(nodeId) * turnMs) return null;
    if (ring.changing === null) return planNext(ring.doc);
    return this.awaited.length === 0 ? planDone(ring.doc) : null;
  }

  /** The ring that lets a node in; null if there is none now. Whoever is alive is not replaced. */
  admitting(ring: Ring, joiner: RingJoin): RingDoc | null {
    const { replaces } = joiner;
    return replaces !== null && this.#isAlive(replaces) ? null : planJoin(ring.doc, joiner, replaces);
  }

  /**
   * What a ring cannot know: nobody is drained who cannot give, nobody removed who may be giving still, and nobody let in, be
   * it by force, who is not there.
   */
  objection(command: RingCommand): RingRefusal | null {
    if (command.kind !== 'begin') return null;
    const { aim, force } = command;
    if (aim.kind === 'join') return this.#isAlive(aim.nodeId) ? null : 'nodeUnreachable';
    if (force) return null;
    switch (aim.kind) {
      case 'drain':
        return this.#isAlive(aim.nodeId) ? null : 'nodeUnreachable';
      case 'remove':
        return this.#isAlive(aim.nodeId) ? 'nodeAlive' : null;
      case 'replace':
        if (this.#isAlive(aim.nodeId)) return 'nodeAlive';
        return this.#isAlive(aim.by) ? null : 'nodeUnreachable';
      default:
        return null;
    }
  }

  #isAlive(node: NodeId): boolean {
    return node === this.#host.self.nodeId || this.#host.isAlive(node);
  }
}
