import type { NodeId, RingEpoch } from '@starling/core/base/ids.ts';
import type { StoredRecord, VersionVector } from '@starling/core/causality/record.ts';
import { descends, emptyClock } from '@starling/core/causality/version-vector.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage, PullCall, PullReply } from '@starling/core/node/messages.ts';
import { bucketOfRow, durableRecord } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import type { WriteEntry } from '../workload/ledger.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { AcknowledgedWrites } from './strict-writes.ts';

/**
 * I22, on the way: an arc that changes hands is given whole, arrives whole and is not dropped while it is owed. A page
 * holds all that its giver had accepted when it was asked and still has; whoever says that it is ready holds every write that a
 * majority acknowledged before the change began; and nobody drops a record which it still owes to an owner that lacks
 * it. Observes pages, the word of joiners and removals, against memory and disks.
 */
export class ArcsWhole implements Checker {
  readonly id = 'I22';
  readonly #context: CheckContext;
  readonly #acknowledged: AcknowledgedWrites;
  /** How many writes had been acknowledged when the change of an operation was first in force anywhere. */
  readonly #before = new Map<string, number>();
  /** What each process had accepted under the rows it was asked for, by caller and call. */
  readonly #asked: Map<string, ReadonlyMap<string, VersionVector>>[] = [];
  /** A disk that forgets may not know what it is asked for. */
  readonly #forgetful: boolean;

  constructor(context: CheckContext) {
    this.#context = context;
    this.#acknowledged = new AcknowledgedWrites(context);
    this.#forgetful = (context.world.options.faults['disk.loseHistory'] ?? 0) > 0;
  }

  booted(process: SimProcess): void {
    this.#asked[process.index] = new Map();
  }

  answeredWrite(entry: WriteEntry): void {
    this.#acknowledged.add(entry);
  }

  stepped(process: SimProcess): void {
    const changing = process.machine?.ring()?.changing ?? null;
    if (changing !== null && !this.#before.has(changing.operation))
      this.#before.set(changing.operation, this.#acknowledged.count);
  }

  input(process: SimProcess, input: Input): void {
    if (input.type !== 'message' || input.message.kind !== 'pull') return;
    this.#asked[process.index]!.set(
      `${input.from} ${input.message.rpc}`,
      this.#accepted(process, input.message),
    );
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    if (message.kind === 'pullReply') return this.#checkPage(process, to, message);
    if (message.kind === 'ringReady') return this.#checkReady(process, message.epoch);
  }

  dropped(process: SimProcess, row: string, before: StoredRecord | null): void {
    const ring = process.machine?.ring() ?? null;
    if (ring === null || before === null || this.#forgetful) return;
    for (const owner of ring.replicasOf(bucketOfRow(row)).current) {
      if (process.disk.durable(`h/${owner}/${row}`) === null) continue;
      const { disk } = this.#context.world.process(owner);
      if (disk.read(row) === 'corrupt') continue;
      const theirs = durableRecord(this.#context.world.process(owner), row)?.clock ?? emptyClock;
      ensure(
        this.id,
        descends(theirs, before.clock),
        () => `${process.nodeId} dropped ${row} while it still owed it to ${owner}`,
      );
    }
  }

  #accepted(process: SimProcess, { ranges, after }: PullCall): Map<string, VersionVector> {
    const accepted = new Map<string, VersionVector>();
    for (const row of this.#context.ghost.rows()) {
      const bucket = bucketOfRow(row);
      const record = this.#context.ghost.latest(process, row);
      const isAsked = ranges.some(({ from, to }) => bucket >= from && bucket <= to);
      if (record !== null && isAsked && row > after) accepted.set(row, record.clock);
    }
    return accepted;
  }

  #checkPage(process: SimProcess, to: NodeId, { rpc, result, records, next }: PullReply): void {
    const name = `${to} ${rpc}`;
    const asked = this.#asked[process.index]?.get(name);
    this.#asked[process.index]?.delete(name);
    if (asked === undefined || result !== 'ok') return;
    const given = new Map(records.map(({ ref, record }) => [ref.row, record.clock]));
    for (const [row, clock] of asked) {
      if (next !== null && row > next) continue;
      const now = this.#context.ghost.latest(process, row);
      // Dropped since, as another ring has come, and another call; or a later ballot has replaced what was never chosen.
      if (now === null || !descends(now.clock, clock)) continue;
      ensure(
        this.id,
        descends(given.get(row) ?? emptyClock, clock),
        () => `${process.nodeId} gave ${to} a page without all that it had accepted of ${row}`,
      );
    }
  }

  #checkReady(process: SimProcess, epoch: RingEpoch): void {
    const ring = process.machine?.ring() ?? null;
    if (this.#forgetful || ring?.epoch !== epoch || ring.changing === null) return;
    const missing = this.#acknowledged.missingOn(
      process,
      this.#before.get(ring.changing.operation) ?? 0,
      ({ current, pending }, self) => pending?.includes(self) === true && !current.includes(self),
    );
    ensure(
      this.id,
      missing === null,
      () =>
        `${process.nodeId} is ready without ${missing?.dot} of ${missing?.row}, acknowledged before epoch ${epoch}`,
    );
  }
}
