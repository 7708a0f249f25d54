import type { NodeId, RingEpoch } from '../base/ids.ts';
import { below } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import type { RingMessage } from './messages.ts';
import type { Ring } from './ring.ts';
import type { RingHost } from './ring-host.ts';

/** A request to be taken into the ring, or word that this node is ready, is repeated this often, in ms. */
const askAgainMs = 400;

/** What asking needs beside the host: the ring in force, and the way to anybody, this node included. */
export interface AskingPorts {
  ring(): Ring | null;
  /** This node is to stay out of the ring. */
  departed(): boolean;
  send(to: NodeId, message: RingMessage): void;
}

/** What a node asks of the owners of the ring, again and again until a ring says that it has been heard. */
export class RingAsking {
  readonly #host: RingHost;
  readonly #ports: AskingPorts;
  #joining: Timer | null = null;
  #settling: Timer | null = null;

  constructor(host: RingHost, ports: AskingPorts) {
    this.#host = host;
    this.#ports = ports;
  }

  /** Asks members to propose this node's entry into the ring, until a ring lists it. */
  join(): void {
    this.#joining ??= this.#host.timers.every(askAgainMs, 0, () => this.#askToJoin());
  }

  /** Says that this node holds all that the change in progress gives it, until a later ring comes. */
  ready(): void {
    const epoch = this.#ports.ring()?.epoch ?? 0;
    this.#settling?.cancel();
    this.#settling = this.#host.timers.every(askAgainMs, 0, () => this.#sayReady(epoch));
  }

  /** An owner, since only owners propose; or, where this node's ring is none or long past, anyone who has a ring. */
  someone(message: RingMessage): void {
    const owners = this.#reachableOwners();
    const candidates = owners.length > 0 ? owners : this.#host.candidates();
    if (candidates.length === 0) return;
    this.#ports.send(candidates[below(this.#host.random, candidates.length)]!, message);
  }

  #askToJoin(): void {
    const { self, replaces } = this.#host;
    const listed = (this.#ports.ring()?.member(self.nodeId) ?? null) !== null;
    if (listed || this.#ports.departed()) {
      this.#joining?.cancel();
      this.#joining = null;
    } else this.someone({ kind: 'ringJoin', ...self, replaces });
  }

  /**
   * To the owner whose turn it is first, where all the others' word comes too, and to another each time: the first may be
   * cut off from a majority and unable to propose anything.
   */
  #sayReady(epoch: RingEpoch): void {
    const ring = this.#ports.ring();
    if (ring?.epoch !== epoch || ring.changing === null) {
      this.#settling?.cancel();
      this.#settling = null;
      return;
    }
    const message: RingMessage = { kind: 'ringReady', nodeId: this.#host.self.nodeId, epoch };
    const owners = this.#reachableOwners();
    const first = owners[0];
    if (first === undefined) return this.someone(message);
    this.#ports.send(first, message);
    const other = owners[below(this.#host.random, owners.length)]!;
    if (other !== first) this.#ports.send(other, message);
  }

  #reachableOwners(): readonly NodeId[] {
    const { self } = this.#host;
    const owners = this.#ports.ring()?.owners ?? [];
    return owners.filter((node) => node === self.nodeId || this.#host.isAlive(node));
  }
}
