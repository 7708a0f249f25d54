/**
 * Bugs put back on purpose: the measure of the harness (testing.md §4.8). Each is a patch of core's source at bundle
 * time. A patch whose place is gone fails loudly and must be rewritten: a mutation that no longer mutates would be
 * counted as caught by luck, or as never caught by mistake.
 */
import type { SourcePatch } from '../cli/bundle.ts';

export interface Mutation {
  readonly name: string;
  /** What goes wrong, and where it is known from. */
  readonly about: string;
  readonly patches: readonly SourcePatch[];
}

function mutation(name: string, about: string, file: string, find: string, replace: string): Mutation {
  return { name, about, patches: [{ file, find, replace }] };
}

export const mutations: readonly Mutation[] = [
  mutation(
    'ack before fsync',
    'everything that waits for durability runs at once',
    'storage/write-log.ts',
    'if (seq <= this.#durableSeq) return then();',
    'return then();',
  ),
  mutation(
    'replies from memory',
    'a replica tells of a record that is not on its disk yet',
    'replica/replica.ts',
    'this.#host.records.whenDurable(entry, () => then(record));',
    'then(record);',
  ),
  mutation(
    'majority of two is one',
    'a quorum one short of a majority',
    'coordinator/quorum.ts',
    'return Math.floor(size / 2) + 1;',
    'return Math.max(1, Math.floor(size / 2));',
  ),
  mutation(
    'no clock round',
    'a plain write does not ask what it must overwrite',
    'coordinator/write.ts',
    'if (!isStrict(this.request.level, this.set.current.length)) return this.#mint();',
    'return this.#mint();',
  ),
  mutation(
    'no write-back',
    'a read answers with what only one replica may hold',
    'coordinator/read.ts',
    'if (lagging.length === 0 || !isStrict(this.request.level, this.set.current.length)) {',
    'if (lagging.length >= 0) {',
  ),
  mutation(
    'pending replicas not asked',
    'a write during a join needs only the old majority',
    'coordinator/quorum.ts',
    "set.pending === null || level === 'one' ? 0 : needed(level, set.pending.length)",
    '0',
  ),
  mutation(
    'stale ring epoch accepted',
    'a replica serves requests placed by an older ring',
    'replica/replica.ts',
    "if (epoch < ring.epoch) return 'staleEpoch';",
    '',
  ),
  mutation(
    'union instead of merge',
    'a merge keeps siblings the other side knows to be superseded',
    'causality/dvv-set.ts',
    'if (!covers(other.clock, sibling.dot)) return true;',
    'if (!covers(other.clock, sibling.dot) || other.siblings.length > 0) return true;',
  ),
  mutation(
    'merge drops siblings',
    'only the newer of two concurrent values survives a merge',
    'causality/dvv-set.ts',
    'if (!covers(other.clock, sibling.dot)) return true;',
    'if (!covers(other.clock, sibling.dot)) return other.siblings.every(({ hlc }) => hlc < sibling.hlc);',
  ),
  mutation(
    'context ignored',
    'a write with a context discards siblings its client never saw',
    'coordinator/write.ts',
    'return this.request.context?.clock ?? joinClocks(this.#seen.clock, record.clock);',
    'return joinClocks(this.#seen.clock, record.clock);',
  ),
  mutation(
    'answer shows too much',
    "a write's answer covers siblings its client was not shown (found by I5)",
    'coordinator/visible.ts',
    'if (alone) return contextOf(record);',
    'if (alone || record.siblings.length > 0) return contextOf(record);',
  ),
  mutation(
    'counter reused after a crash',
    'an unclean start goes on with the counter of the last clean stop (kv679)',
    'replica/minter.ts',
    'const known = boot.trusted ? boot.state : null;',
    'const known = boot.state;',
  ),
  mutation(
    'call numbers begin anew',
    "a late answer to one life answers the next life's call (found by I3)",
    'node/parts.ts',
    'const firstCall = 1 + random.uint32() * callSpacing;',
    'const firstCall = 1;',
  ),
  mutation(
    'hint dropped before its ack',
    'a hint goes when its record is sent, not when it has arrived',
    'hints/delivery.ts',
    'const times = this.#store.timesOwed(target, ref);',
    'const times = this.#store.timesOwed(target, ref); this.#store.remove(target, ref, times);',
  ),
  mutation(
    'hint removed by an older delivery',
    'a write missed during a delivery is forgotten with it (found by I23)',
    'hints/hint-store.ts',
    'if (times === 0 || this.timesOwed(target, ref) !== times) return;',
    'if (times === 0) return;',
  ),
  mutation(
    'writes on their way not noted',
    'a coordinator that dies forgets whom it still owed its write',
    'hints/unsettled-log.ts',
    'for (const target of replicasOf(ref)) if (target !== self) this.#hints.add(target, ref);',
    '',
  ),
  mutation(
    'joiner ready at once',
    'a joining node counts as an owner before it has taken its arcs over',
    'node/ownership.ts',
    'joinPlan(ring, this.#host.self), () => this.#host.ready()),',
    '[], () => this.#host.ready()),',
  ),
  mutation(
    'arc taken from one replica',
    'a joining node copies from a single old replica',
    'transfer/plan.ts',
    'needed: Math.floor(current.length / 2) + 1 });',
    'needed: 1 });',
  ),
  mutation(
    'recovery from one replica',
    'a node with lost history asks one replica and trusts that',
    'transfer/plan.ts',
    'return Math.min(replicas - 1, replicas - writeQuorum + 1);',
    'return Math.min(replicas - 1, writeQuorum - writeQuorum + 1);',
  ),
  mutation(
    'recovering node counts',
    'a node with holes in its records answers reads',
    'replica/replica.ts',
    "    if (this.#host.recovering()) return then('recovering');",
    '',
  ),
  mutation(
    'damage served as absence',
    'a record that fails its checksum reads as never written',
    'replica/record-store.ts',
    'return { ref, record: null, seq: 0, bytes: 0 };',
    'return { ref, record: emptyRecord, seq: 0, bytes: 0 };',
  ),
  mutation(
    'cleaner ignores what is owed',
    'a former owner drops records others are still owed',
    'transfer/cleaner.ts',
    'if (this.#host.owed(ref)) skipped = true;',
    'if (this.#host.owed(ref) && skipped) skipped = true;',
  ),
  mutation(
    'write goes on after the ring took its key',
    'a node that is no replica any more mints a dot (found by I11)',
    'coordinator/operation.ts',
    'if (this.movable && !this.set.current.includes(this.host.self)) {',
    'if (this.movable && this.epoch < 0) {',
  ),
  mutation(
    'requests without a bound',
    'admission never refuses',
    'coordinator/coordinator.ts',
    'if (this.#waiting < this.#options.requestsInFlightMax) return null;',
    'if (this.#waiting >= 0) return null;',
  ),
  mutation(
    'deadline ignored',
    'a request that cannot be served is never answered',
    'coordinator/coordinator.ts',
    'this.#slots.get(slot)?.running.expire(),',
    '(() => undefined)(),',
  ),
  mutation(
    'accusations not refuted',
    'a node that hears of its own death lets it stand',
    'membership/own-state.ts',
    'return this.#rise(theirs.incarnation);',
    'return theirs.incarnation < 0;',
  ),
];
