import type { Address, MonoMs, NodeId } from '../base/ids.ts';
import { fraction } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import { isReachable } from './member.ts';
import type { Peer, SwimHost, SwimSettings } from './options.ts';
import type { Roster } from './roster.ts';

/** Named by the operator, what such a name stands for, or remembered from an earlier life. */
type Source = 'seed' | 'resolved' | 'peer';

interface Contact {
  readonly address: Address;
  readonly source: Source;
  /** Who lives there: as remembered, or as it answered; null while nobody has. */
  nodeId: NodeId | null;
  backoffMs: number;
  dueAt: MonoMs;
}

/**
 * Addresses that are no members yet: seeds named by the operator and peers remembered from an earlier life. Each is
 * asked again and again, with a growing pause, while it is not in contact: seeds for ever, since a partition may part
 * us from them at any time; remembered peers until their node is a member, because members are looked after by others.
 */
export class Contacts {
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #roster: Roster;
  readonly #ask: (address: Address) => void;
  readonly #contacts = new Map<Address, Contact>();
  /** What the names of the seeds stand for, as heard last. */
  #resolved: ReadonlySet<Address> = new Set();
  #timer: Timer | null = null;

  constructor(settings: SwimSettings, host: SwimHost, roster: Roster, ask: (address: Address) => void) {
    this.#settings = settings;
    this.#host = host;
    this.#roster = roster;
    this.#ask = ask;
  }

  /** Remembered peers that have not been met: to be remembered further. */
  get unmet(): readonly Peer[] {
    const peers: Peer[] = [];
    for (const { source, nodeId, address } of this.#contacts.values()) {
      if (source === 'peer' && nodeId !== null && this.#roster.state(nodeId) === null)
        peers.push({ nodeId, address });
    }
    return peers;
  }

  /** Where a node that is no member yet was reached last, in this life or an earlier one; null if nobody knows. */
  addressOf(nodeId: NodeId): Address | null {
    for (const contact of this.#contacts.values()) if (contact.nodeId === nodeId) return contact.address;
    return null;
  }

  /** Contacts these addresses from now on; those over `swimContactsMax` are ignored, seeds being taken first. */
  add(seeds: readonly Address[], remembered: readonly Peer[]): void {
    for (const address of seeds) this.#put({ address, source: 'seed', nodeId: null });
    for (const { address, nodeId } of remembered) {
      if (!this.#contacts.has(address)) this.#put({ address, source: 'peer', nodeId });
    }
    this.#arm();
  }

  /**
   * The names of the seeds stand for these addresses now: contacts the new ones as seeds, and those that are no longer
   * among them no more. Addresses over `swimContactsMax` are ignored.
   */
  resolved(addresses: readonly Address[]): void {
    const now = new Set(addresses);
    for (const { address, source } of [...this.#contacts.values()])
      if (source === 'resolved' && !now.has(address)) this.#contacts.delete(address);
    for (const address of now) {
      // Heard of before, it is a contact already, unless it was retired.
      if (this.#resolved.has(address)) continue;
      const known = this.#contacts.get(address);
      if (known?.source !== 'seed') this.#put({ address, source: 'resolved', nodeId: known?.nodeId ?? null });
    }
    this.#resolved = now;
    this.#arm();
  }

  /** `nodeId` has answered at a contact's address, which may be a name that stands for another address. */
  answered(address: Address, nodeId: NodeId): void {
    const contact = this.#contacts.get(address);
    if (contact !== undefined) contact.nodeId = nodeId;
  }

  /** Stops contacting an address: it is this node's own. */
  retire(address: Address): void {
    this.#contacts.delete(address);
  }

  /** Contacts nobody until the next `add`. */
  stop(): void {
    this.#timer?.cancel();
  }

  #put({ address, source, nodeId }: Pick<Contact, 'address' | 'source' | 'nodeId'>): void {
    if (address === this.#roster.own.claim.address) return;
    if (this.#contacts.size >= this.#settings.limits.swimContactsMax && !this.#contacts.has(address)) return;
    const backoffMs = this.#settings.tuning.contactBackoffMinMs;
    this.#contacts.set(address, { address, source, nodeId, backoffMs, dueAt: this.#host.timers.now });
  }

  #arm(): void {
    this.#timer?.cancel();
    if (this.#contacts.size === 0) return;
    let dueAt = Number.POSITIVE_INFINITY;
    for (const contact of this.#contacts.values()) dueAt = Math.min(dueAt, contact.dueAt);
    this.#timer = this.#host.timers.after(dueAt - this.#host.timers.now, () => this.#round());
  }

  /** Asks the contacts that are due, a bounded number at a time so that a long list is no burst. */
  #round(): void {
    const { timers } = this.#host;
    const { contactBackoffMinMs, contactBackoffMaxMs } = this.#settings.tuning;
    let asked = 0;
    for (const contact of this.#contacts.values()) {
      if (contact.dueAt > timers.now) continue;
      if (this.#isMet(contact)) {
        contact.backoffMs = contactBackoffMinMs;
        contact.dueAt = timers.now + contactBackoffMaxMs;
        if (contact.source === 'peer') this.#contacts.delete(contact.address);
      } else if (asked < this.#settings.limits.swimContactsPerRoundMax) {
        asked++;
        contact.dueAt = timers.now + contact.backoffMs * (0.75 + fraction(this.#host.random) / 2);
        contact.backoffMs = Math.min(contactBackoffMaxMs, contact.backoffMs * 2);
        this.#ask(contact.address);
      } else {
        contact.dueAt = timers.now + contactBackoffMinMs;
      }
    }
    this.#arm();
  }

  #isMet({ source, nodeId, address }: Contact): boolean {
    const state = nodeId === null ? null : this.#roster.state(nodeId);
    if (source === 'peer') return state !== null;
    if (state !== null && isReachable(state.status)) return true;
    return this.#roster.table.some((entry) => entry.claim.address === address && isReachable(entry.status));
  }
}
