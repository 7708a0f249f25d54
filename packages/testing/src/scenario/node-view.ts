import type { NodeId } from '@starling/core/base/ids.ts';
import type { StoredRecord } from '@starling/core/causality/record.ts';
import { decodeEventRow } from '@starling/core/codec/event-row.ts';
import type { Member } from '@starling/core/membership/member.ts';
import type { MemberStatus } from '@starling/core/membership/packet.ts';
import type { KeptEvent } from '@starling/core/node/event.ts';
import type { NodeState } from '@starling/core/node/ownership.ts';
import type { AntiEntropyState, NodeCounts } from '@starling/core/node/view.ts';
import { keyRef } from '@starling/core/ring/key.ts';
import { eventPrefix, indexPrefix } from '@starling/core/ring/rows.ts';
import { durableRecord } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import type { Machine } from '../sim/process-parts.ts';
import { type Json, textOf, toText } from './json.ts';
import type { Story } from './story.ts';

/** The one table of scenarios. */
export const table = 'default';

/** One node as the story looks at it: what it believes, and what is on its disk. Looking lets no time pass. */
export class NodeView {
  readonly #story: Story;
  readonly #process: SimProcess;

  constructor(story: Story, process: SimProcess) {
    this.#story = story;
    this.#process = process;
  }

  get name(): string {
    return this.#process.nodeId;
  }

  get isUp(): boolean {
    return this.#process.state === 'up';
  }

  get state(): NodeState {
    return this.#machine.state;
  }

  /** Under which name it mints dots. */
  get actor(): string {
    return this.#machine.actor().actor;
  }

  get epoch(): number {
    return this.#machine.ring()?.epoch ?? 0;
  }

  get counts(): NodeCounts {
    return this.#machine.counts();
  }

  /** What has become of comparing it with its peers since it started. */
  get antiEntropy(): AntiEntropyState {
    return this.#machine.antiEntropy();
  }

  /** Until when, by its own clock, it knows all that it shares with `peer` to have been durable on both; null: it does not. */
  provenEqual(peer: string): number | null {
    return this.#machine.provenEqual(peer as NodeId);
  }

  /** Its wall clock. */
  get wallMs(): number {
    return this.#machine.wallMs();
  }

  /** Records it knows to be damaged and has not mended. */
  get damaged(): number {
    return this.#machine.damagedRecords();
  }

  /** The record that would be left after a power cut now; null if there is none that can be read. */
  record(key: string): StoredRecord | null {
    return durableRecord(this.#process, keyRef(table, key).row);
  }

  /** Keys that its disk lists as conflicts. */
  get conflicts(): string[] {
    const start = `c/${table}/`;
    const rows = [...this.#process.disk.durableRows()].filter((row) => row.startsWith(start));
    return rows.map((row) => row.slice(start.length)).sort();
  }

  /** Its log as it would be left after a power cut now, oldest first: of each event the kind, and whom or what it is about. */
  get events(): string[] {
    const rows = [...this.#process.disk.durableRows()].filter((row) => row.startsWith(eventPrefix)).sort();
    return rows.flatMap((row) => {
      const kept = decodeEventRow(this.#process.disk.durable(row) ?? new Uint8Array());
      return kept === null ? [] : [wordsOf(kept.event)];
    });
  }

  /** Keys it owes to `target`; Infinity if it owes everything. */
  hintsFor(target: string): number {
    const owed = this.#machine.hints().find((hint) => hint.target === target);
    if (owed === undefined) return 0;
    return owed.everything ? Number.POSITIVE_INFINITY : owed.pending;
  }

  /** Its disk holds exactly these values of the key, in whatever order; none at all: tombstones only. */
  expectHolds(key: string, ...values: Json[]): this {
    const record = this.record(key);
    const held = (record?.siblings ?? []).flatMap(({ value }) => (value === null ? [] : [textOf(value)]));
    const fits = record !== null && held.sort().join() === values.map(toText).sort().join();
    this.#story.expect(
      fits,
      () =>
        `${this.name} should hold [${values.map(toText).join()}] for ${key}, but holds ${record === null ? 'nothing' : `[${held.join()}]`}`,
    );
    return this;
  }

  /** Its disk holds no record of the key, not even a tombstone. */
  expectLacks(key: string): this {
    this.#story.expect(this.record(key) === null, () => `${this.name} should hold no record of ${key}`);
    return this;
  }

  /** Its disk lists exactly these keys, in order. */
  expectLists(...keys: string[]): this {
    const start = `${indexPrefix}${table}/`;
    const rows = [...this.#process.disk.durableRows()].filter((row) => row.startsWith(start));
    const found = rows.map((row) => row.slice(start.length)).sort();
    this.#story.expect(
      found.join() === keys.join(),
      () => `${this.name} should list [${keys.join()}], but lists [${found.join()}]`,
    );
    return this;
  }

  expectHintsFor(target: string, count: number): this {
    const found = this.hintsFor(target);
    this.#story.expect(
      found === count,
      () => `${this.name} should owe ${target} ${count} keys, but owes ${found}`,
    );
    return this;
  }

  expectState(state: NodeState): this {
    this.#story.expect(this.state === state, () => `${this.name} should be ${state}, but is ${this.state}`);
    return this;
  }

  /** What it knows of a member, itself included; null if it has not heard of it. */
  member(name: string): Member | null {
    return this.#machine.members().find(({ nodeId }) => nodeId === name) ?? null;
  }

  /** What it believes of another node; `null`: it has never heard of it. */
  memberStatus(name: string): MemberStatus | null {
    return this.member(name)?.status ?? null;
  }

  /** It believes this, and nothing else, of the nodes it knows. */
  expectMembers(expected: Readonly<Record<string, MemberStatus>>): this {
    const words = (members: readonly (readonly [string, string])[]) =>
      members
        .map(([name, status]) => `${name} ${status}`)
        .sort()
        .join(', ');
    const found = words(this.#machine.members().map(({ nodeId, status }) => [nodeId, status] as const));
    const wanted = words(Object.entries(expected));
    this.#story.expect(found === wanted, () => `${this.name} should see ${wanted}, but sees ${found}`);
    return this;
  }

  get #machine(): Machine {
    return this.#process.machine ?? this.#story.fail(`${this.name} is not running`);
  }
}

function wordsOf(event: KeptEvent): string {
  switch (event.type) {
    case 'member':
      return `${event.nodeId} ${event.status}`;
    case 'ring':
      return `ring ${event.epoch}`;
    case 'state':
      return event.state;
    case 'conflict':
      return `${event.key} ${event.change}`;
    case 'repair':
      return `repair ${event.replica}`;
    default:
      return event.type;
  }
}
