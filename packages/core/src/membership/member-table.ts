import type { MonoMs, NodeId, WallMs } from '../base/ids.ts';
import { isReachable, type Member, toMember } from './member.ts';
import type { MemberState } from './packet.ts';
import type { Suspicion } from './suspicion.ts';
import { digestOf } from './view.ts';

/** What is kept of one other member. */
export interface Entry {
  readonly nodeId: NodeId;
  readonly state: MemberState;
  /** When it took its present status here. */
  readonly since: WallMs;
  readonly statusAt: MonoMs;
  readonly member: Member;
  readonly digest: number;
  /** Running while the status is `suspect`. */
  suspicion: Suspicion | null;
}

/**
 * The other members, whatever their status. Nobody is dropped for being dead long: a forgotten member could not be
 * contacted again, and the stale word of a third could bring it back. Only a full table makes room.
 */
export class MemberTable {
  readonly #membersMax: number;
  readonly #entries = new Map<NodeId, Entry>();
  #reachable = 0;
  #digest = 0;

  /** `membersMax` counts this node too. */
  constructor(membersMax: number) {
    this.#membersMax = membersMax;
  }

  /** Others that are alive or suspect. */
  get reachableCount(): number {
    return this.#reachable;
  }

  /** Of all states together; see `view.ts`. */
  get digest(): number {
    return this.#digest >>> 0;
  }

  get isFull(): boolean {
    return this.#entries.size + 1 >= this.#membersMax;
  }

  get(nodeId: NodeId): Entry | undefined {
    return this.#entries.get(nodeId);
  }

  entries(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /** Others for which `test` holds. */
  where(test: (entry: Entry) => boolean): Entry[] {
    const found: Entry[] = [];
    for (const entry of this.#entries.values()) if (test(entry)) found.push(entry);
    return found;
  }

  /** True if some other member's state passes `test`. */
  some(test: (state: MemberState) => boolean): boolean {
    for (const entry of this.#entries.values()) if (test(entry.state)) return true;
    return false;
  }

  /**
   * The member that `nodeId` is charged with: the first alive one after it in the circle of names. Where all agree on
   * who is alive, everybody is the ward of exactly one. Null if nobody else is alive.
   */
  wardOf(nodeId: NodeId): NodeId | null {
    let first: NodeId | null = null;
    let next: NodeId | null = null;
    for (const { nodeId: name, state } of this.#entries.values()) {
      if (state.status !== 'alive') continue;
      if (first === null || name < first) first = name;
      if (name > nodeId && (next === null || name < next)) next = name;
    }
    return next ?? first;
  }

  /** Stores the present belief. A new entry needs room: see `isFull`. A running suspicion is carried over. */
  put(state: MemberState, now: MonoMs, wall: WallMs): Entry {
    const nodeId = state.claim.nodeId;
    const before = this.#entries.get(nodeId);
    const sameStatus =
      before?.state.status === state.status && before.state.claim.instanceId === state.claim.instanceId;
    const since = sameStatus ? before.since : wall;
    const entry: Entry = {
      nodeId,
      state,
      since,
      statusAt: sameStatus ? before.statusAt : now,
      member: toMember(state, since),
      digest: digestOf(state),
      suspicion: before?.suspicion ?? null,
    };
    this.#count(before, -1);
    this.#count(entry, 1);
    this.#entries.set(nodeId, entry);
    return entry;
  }

  delete(nodeId: NodeId): void {
    this.#count(this.#entries.get(nodeId), -1);
    this.#entries.delete(nodeId);
  }

  /** Whom to drop so that a living member can be taken in: who left longest ago, else who died longest ago. */
  mostDispensable(): Entry | null {
    let worst: Entry | null = null;
    for (const entry of this.#entries.values()) {
      if (isReachable(entry.state.status)) continue;
      if (worst === null || isMoreDispensable(entry, worst)) worst = entry;
    }
    return worst;
  }

  #count(entry: Entry | undefined, step: 1 | -1): void {
    if (entry === undefined) return;
    this.#digest ^= entry.digest;
    if (isReachable(entry.state.status)) this.#reachable += step;
  }
}

function isMoreDispensable(one: Entry, other: Entry): boolean {
  if (one.state.status !== other.state.status) return one.state.status === 'left';
  return one.statusAt < other.statusAt;
}
