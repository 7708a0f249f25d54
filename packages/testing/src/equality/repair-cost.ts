/** What it costs two nodes to find out what differs between them and to repair it, in messages, bytes and virtual time. */
import type { SyncOrder, SyncState } from '@starling/core/antientropy/sync-desk.ts';
import type { ActorId, Hlc, NodeId } from '@starling/core/base/ids.ts';
import { compareUtf8 } from '@starling/core/base/utf8.ts';
import { emptyRecord, writeSibling } from '@starling/core/causality/dvv-set.ts';
import { encodeMessage } from '@starling/core/codec/messages.ts';
import { encodeRecord } from '@starling/core/codec/record.ts';
import { ByteWriter } from '@starling/core/codec/writer.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { keyRef } from '@starling/core/ring/key.ts';
import type { DiskSnapshot } from '../sim/disk.ts';
import { calmOptions, foundingImages } from '../sim/founding.ts';
import type { SimProcess } from '../sim/process.ts';
import { realMachine } from '../sim/swarm.ts';
import { World } from '../sim/world.ts';

/** Kinds of messages that carry an exchange, by what they are for. */
const calls: ReadonlySet<PeerMessage['kind']> = new Set(['tree', 'bucket', 'read', 'store']);
const answers: ReadonlySet<PeerMessage['kind']> = new Set([
  'treeReply',
  'bucketReply',
  'readReply',
  'storeReply',
]);

/** Virtual time in which nodes must have come to the end of anything, in ms. */
const patienceMs = 3_600_000;

export interface RepairCost {
  readonly records: number;
  readonly differing: number;
  /** Calls that were answered, each a round trip; those that found the keys, and those that repaired them. */
  readonly findingCalls: number;
  readonly repairingCalls: number;
  /** Of both directions, as encoded. */
  readonly findingBytes: number;
  readonly repairingBytes: number;
  /** Virtual time from the first call to the last answer, `comparePauseMs` among it. */
  readonly virtualMs: number;
  /** Records stored on the node that asked, and on the one it asked. */
  readonly pulled: number;
  readonly pushed: number;
}

/** Two nodes with so many records of 100 bytes, of which the second lacks `differing`, spread evenly. */
export function repairCost(records: number, differing: number): RepairCost {
  const world = loadedPair(records, differing);
  const [first, second] = world.processes;
  if (first === undefined || second === undefined) throw new Error('a pair has two nodes');
  const meter = new Meter();
  world.observe(meter);
  const from = world.now;
  const ended = sync(world, first, second.nodeId);
  const peer = ended.peers[0];
  if (peer?.state !== 'repaired') throw new Error(`the comparison ended ${peer?.state}: ${peer?.reason}`);
  const { pulled, pushed } = peer;
  return { records, differing, ...meter.cost(), virtualMs: world.now - from, pulled, pushed };
}

class Meter {
  readonly #writer = new ByteWriter(4096);
  readonly #cost = { findingCalls: 0, repairingCalls: 0, findingBytes: 0, repairingBytes: 0 };

  sent(_process: SimProcess, _to: NodeId, message: PeerMessage): void {
    const { kind } = message;
    if (!calls.has(kind) && !answers.has(kind)) return;
    const finding = kind.startsWith('tree') || kind.startsWith('bucket');
    const writer = this.#writer.clear();
    encodeMessage(writer, message, 0);
    this.#cost[finding ? 'findingBytes' : 'repairingBytes'] += writer.length;
    if (calls.has(kind)) this.#cost[finding ? 'findingCalls' : 'repairingCalls']++;
  }

  cost() {
    return { ...this.#cost };
  }
}

function loadedPair(records: number, differing: number): World {
  const options = { ...calmOptions(2, 2, 1), tuning: { compareEveryMs: patienceMs } };
  const world = new World({ options, make: realMachine });
  const rows = recordRows(records);
  const every = Math.floor(records / Math.max(1, differing));
  const lacking = new Set(
    [...rows.keys()].filter((_, i) => differing > 0 && i % every === 0).slice(0, differing),
  );
  const images = foundingImages({ nodes: 2, replicas: 2, zones: 1 }, realMachine);
  world.images = images.map((image, node) => filled(image, rows, node === 1 ? lacking : new Set()));
  for (const _ of images) world.addProcess([]).start();
  const isReady = () =>
    world.processes.every(
      ({ machine }) =>
        machine?.state === 'normal' &&
        machine.antiEntropy().tree.complete &&
        machine.members().every(({ status }) => status === 'alive'),
    );
  if (!world.runUntil(isReady, patienceMs, 100)) throw new Error('the nodes did not become ready');
  return world;
}

/** Rows of so many keys, ascending. */
function recordRows(count: number): ReadonlyMap<string, Uint8Array> {
  const rows: [string, Uint8Array][] = [];
  const value = new Uint8Array(100).fill(0x31);
  for (let counter = 1; counter <= count; counter++) {
    const dot = { actor: 'n1~1.00000000' as ActorId, counter };
    const sibling = { dot, hlc: counter as Hlc, value, scoped: false, expiresAt: 0, request: '' };
    rows.push([
      keyRef('default', `user:${counter}`).row,
      encodeRecord(writeSibling(emptyRecord, [], sibling)),
    ]);
  }
  return new Map(rows.sort(([a], [b]) => compareUtf8(a, b)));
}

/** The directory with the rows added, but for those it lacks. */
function filled(
  image: DiskSnapshot,
  rows: ReadonlyMap<string, Uint8Array>,
  lacking: ReadonlySet<string>,
): DiskSnapshot {
  const copy = image.rows.copy();
  for (const [row, value] of rows) if (!lacking.has(row)) copy.set(row, value);
  return { ...image, rows: copy };
}

/** Has `process` compare itself with `peer` and waits until it has. */
function sync(world: World, process: SimProcess, peer: NodeId): SyncState {
  let state: SyncState | undefined;
  process.found = (_, finding) => {
    if (finding.kind === 'sync') state = finding.begun ?? finding.syncs[0];
  };
  const ask = (order: SyncOrder | null) =>
    process.deliver({ type: 'inquiry', id: 1, inquiry: { kind: 'sync', order } });
  ask({ peer, aim: { pull: true, push: true, dryRun: false } });
  const isOver = () => {
    if (state?.endedAt === null) ask(null);
    return state !== undefined && state.endedAt !== null;
  };
  if (!world.runUntil(isOver, patienceMs, 1)) throw new Error('the comparison did not end');
  return state!;
}
