import {
  apiLimits,
  failed,
  type InputOf,
  type MerkleComparison,
  type MerkleSync,
  type MerkleTree,
  type OutputOf,
  type Result,
} from '@starling/api-types';
import { type DifferencesFound, type NodeId, parseNodeId, type SyncState } from '@starling/core';
import type { MachinePort } from './machine-port.ts';

/** A bucket in four hexadecimal digits, or where a key stands in it in sixteen. */
const bucketCursor = /^[0-9a-f]{4}$/;
const keyCursor = /^[0-9a-f]{16}$/;

/** Part of this node's hash tree. */
export async function merkleTree(
  machine: MachinePort,
  { from = 0, to = apiLimits.bucketMax, depth = 1, limit, cursor }: InputOf<'merkle.tree'>,
): Promise<Result<MerkleTree>> {
  if (cursor !== undefined && !bucketCursor.test(cursor)) return notGiven;
  const first = cursor === undefined ? from : Math.max(from, Number.parseInt(cursor, 16));
  const asked = { range: { from: first, to }, depth, limit: limit ?? apiLimits.treePageNodesDefault };
  const tree = await machine.inquire({ kind: 'tree', ...asked });
  if (tree?.kind !== 'tree') return unread;
  const { complete, bucketsRead, doubted } = tree.progress;
  const nodes = tree.nodes.map(({ sharers, ...node }) => ({
    ...node,
    replicas: sharers.map(({ nodeId, provenEqual }) => ({ nodeId, provenEqualAt: provenEqual })),
  }));
  const output = { ...observed(machine), ringEpoch: tree.epoch, complete, bucketsRead, depth, nodes };
  const next = tree.next === null ? null : tree.next.toString(16).padStart(4, '0');
  return { ok: true, output: { ...output, bucketsDoubted: doubted, cursor: next } };
}

/** What this node and another hold differently; the other is asked for it. */
export async function merkleComparison(
  machine: MachinePort,
  { node, from = 0, to = apiLimits.bucketMax, limit, cursor = '' }: InputOf<'merkle.compare'>,
): Promise<Result<MerkleComparison>> {
  const peer = otherNode(machine, node);
  if (peer === null) return noSuchNode;
  const after = rowOf(cursor);
  if (after === null) return notGiven;
  const page = { range: { from, to }, after, limit: limit ?? apiLimits.differencesPageMax };
  const found = await machine.inquire({ kind: 'differences', peer, ...page });
  if (found?.kind !== 'differences') return unread;
  if ('brokenOff' in found) return { ok: false, error: broken(peer, found) };
  const { sharedBuckets, buckets, next } = found;
  const keys = found.keys.map(({ ref: { table, key, bucket }, here, there }) => ({
    table,
    key,
    bucket,
    here: here === null ? null : [...here],
    there: there === null ? null : [...there],
  }));
  const told = { ...observed(machine), node: peer, sharedBuckets, differingBuckets: buckets, keys };
  return { ok: true, output: { ...told, cursor: next === null ? null : cursorOf(next) } };
}

/** Has this node compare itself with another, or with all, now. */
export async function merkleSync(
  machine: MachinePort,
  { node, direction = 'both', dryRun = false }: InputOf<'merkle.sync'>,
): Promise<Result<MerkleSync>> {
  const peer = node === undefined ? null : otherNode(machine, node);
  if (node !== undefined && peer === null) return noSuchNode;
  const aim = { pull: direction !== 'push', push: direction !== 'pull', dryRun };
  const found = await machine.inquire({ kind: 'sync', order: { peer, aim } });
  if (found?.kind !== 'sync') return unread;
  if (found.begun === null) {
    const message = 'as many comparisons as may wait for their turn';
    return { ok: false, error: failed('overloaded', message, { syncs: found.syncs.length }) };
  }
  return { ok: true, output: syncView(found.begun) };
}

/** How far the comparisons are that this node was asked for. */
export async function merkleSyncs(
  machine: MachinePort,
  { id }: InputOf<'merkle.syncs'>,
): Promise<Result<OutputOf<'merkle.syncs'>>> {
  const found = await machine.inquire({ kind: 'sync', order: null });
  if (found?.kind !== 'sync') return unread;
  const syncs = found.syncs.filter((sync) => id === undefined || sync.id === id).map(syncView);
  if (id !== undefined && syncs.length === 0)
    return { ok: false, error: failed('unknown_operation', 'no comparison of this id is remembered') };
  return { ok: true, output: { observer: machine.nodeId, syncs } };
}

function syncView({ id, order: { peer, aim }, begunAt, endedAt, peers }: SyncState): MerkleSync {
  const direction = aim.pull ? (aim.push ? 'both' : 'pull') : 'push';
  const each = peers.map((one) => ({ ...one }));
  return { id, node: peer, direction, dryRun: aim.dryRun, begunAt, endedAt, peers: each };
}

/** The row behind which to go on; null for what `cursorOf` would not have given. */
function rowOf(cursor: string): string | null {
  if (cursor === '') return '';
  // The character after the slash that ends the hash: behind every key of it.
  if (keyCursor.test(cursor)) return `d/${cursor}0`;
  return bucketCursor.test(cursor) ? `d/${cursor}` : null;
}

/** Keys are told apart by their hash here: the row itself would be longer than a cursor may be. */
function cursorOf(row: string): string {
  return row.slice(2, 18);
}

function otherNode(machine: MachinePort, name: string): NodeId | null {
  const node = parseNodeId(name);
  const isKnown = machine.view().members.some(({ nodeId }) => nodeId === node);
  return isKnown && node !== machine.nodeId ? node : null;
}

function broken(peer: NodeId, { brokenOff: reason }: Extract<DifferencesFound, { brokenOff: unknown }>) {
  if (reason === 'unreachable' || reason === 'silent' || reason === 'confused')
    return failed('no_node_reachable', `${peer} did not tell what it holds`, { reason });
  if (reason === 'ownTree')
    return failed('not_ready', 'the hash tree of this node is not complete', { reason });
  return failed('not_ready', `${peer} is compared with nobody at the moment`, { reason });
}

function observed(machine: MachinePort) {
  return { observer: machine.nodeId, observedAt: machine.now().wall };
}

const noSuchNode = {
  ok: false,
  error: failed('invalid_request', 'node: no other node of this name is known', {
    issues: [{ path: 'node', message: 'no other node of this name is known' }],
  }),
} as const;

const notGiven = {
  ok: false,
  error: failed('invalid_request', 'cursor: not one this server gave', {
    issues: [{ path: 'cursor', message: 'not one this server gave' }],
  }),
} as const;

const unread = {
  ok: false,
  error: failed('not_ready', 'this node cannot look at its data at the moment'),
} as const;
