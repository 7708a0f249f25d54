import type { RepairAim } from '@starling/core/antientropy/exchange.ts';
import type { PeerSync } from '@starling/core/antientropy/sync-desk.ts';
import type { NodeId } from '@starling/core/base/ids.ts';
import { limits } from '@starling/core/base/limits.ts';
import { expect, test } from 'vitest';
import { type Cluster, cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

const { compareEveryMs, compareEqualMsMax, comparePauseMs, treeAuditEveryMs } = limits;

/** Three nodes; the third is an older copy of itself that lacks `keys`, and nothing tells it so. */
function withStaleThird(keys: readonly string[]): Cluster {
  const c = cluster(3);
  c.put('n1', 'before', 1, { level: 'all' }).expect('ok');
  c.run(seconds(1));
  c.stop('n3');
  const saved = c.saveDirectory('n3');
  c.restart('n3').untilNormal();
  for (const key of keys) c.put('n1', key, key, { level: 'all' }).expect('ok');
  c.run(seconds(1));
  c.stop('n3').restoreDirectory('n3', saved, 'rolledBack').restart('n3').untilNormal();
  for (const key of keys) c.node('n3').expectLacks(key);
  return c;
}

test('a replica that lacks a record which nobody reads gets it', () => {
  const c = withStaleThird(['k']);
  c.until('it has the record', () => c.node('n3').record('k') !== null, seconds(30));
  c.node('n3').expectHolds('k', 'k');
  c.expectConverged();
});

test('a delete that a replica lacks reaches it, and the value does not come back', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.run(seconds(1));
  c.stop('n3');
  const saved = c.saveDirectory('n3');
  c.restart('n3').untilNormal();
  c.del('n1', 'k', { level: 'all' }).expect('ok');
  c.run(seconds(1));
  c.stop('n3').restoreDirectory('n3', saved, 'rolledBack').restart('n3').untilNormal();
  c.node('n3').expectHolds('k', 1);
  c.run(seconds(30));
  for (const name of c.names) c.node(name).expectHolds('k');
});

test('what each of two replicas lacks goes both ways, and mints nothing', () => {
  const c = withStaleThird(['k']);
  const actors = c.names.map((name) => c.node(name).actor);
  const dots = c.node('n1').record('k')!.clock;
  c.cut('n3').put('n1', 'other', 1).expect('ok');
  c.run(seconds(1));
  c.heal().expectConverged();
  c.run(seconds(30));
  for (const name of c.names) expect(c.node(name).record('k')!.clock).toEqual(dots);
  expect(c.names.map((name) => c.node(name).actor)).toEqual(actors);
});

/** How often a node has found itself equal to another, all nodes together. */
function foundEqual(c: Cluster): number {
  return c.names.reduce((sum, name) => sum + c.node(name).antiEntropy.equal, 0);
}

test('equal replicas say so in one message, ever more seldom (limits.compareEqualMsMax), and do nothing else', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.run(seconds(2));
  const [pages, reads, stores] = (['bucket', 'read', 'store'] as const).map((kind) => c.hold(kind));
  c.run(2 * compareEqualMsMax);
  const before = foundEqual(c);
  c.run(2 * compareEqualMsMax);
  // Each of three nodes has two peers, and asks each once in that time.
  expect(foundEqual(c) - before).toBeGreaterThanOrEqual(6);
  expect(foundEqual(c) - before).toBeLessThanOrEqual(12);
  expect([pages!.count, reads!.count, stores!.count]).toEqual([0, 0, 0]);
});

test('a node that has changed is compared at once, however long it has rested (limits.compareEveryMs)', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.run(2 * compareEqualMsMax);
  const before = foundEqual(c);
  c.put('n1', 'k', 2, { level: 'all' }).expect('ok');
  c.run(2 * compareEveryMs + seconds(1));
  expect(foundEqual(c) - before).toBeGreaterThanOrEqual(6);
});

test('a peer that was away is compared at once when it is back', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.run(2 * compareEqualMsMax);
  c.cut('n3').run(seconds(30));
  const before = c.node('n1').antiEntropy.equal;
  c.heal().run(2 * compareEveryMs + seconds(5));
  expect(c.node('n1').antiEntropy.equal - before).toBeGreaterThanOrEqual(1);
});

test('nobody is called equal by what is not on its disk yet', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  const proven = () => [c.node('n1').provenEqual('n2') ?? 0, c.node('n2').provenEqual('n1') ?? 0];
  c.until('both have found each other equal', () => Math.min(...proven()) > 0, seconds(30));
  c.slowDisk('n2', 200_000);
  c.put('n1', 'k', 2);
  c.run(seconds(1));
  const written = Math.min(c.node('n1').wallMs, c.node('n2').wallMs);
  // Both compare themselves meanwhile, by what they have in memory: the same.
  c.run(4 * compareEveryMs);
  expect(Math.max(...proven())).toBeLessThan(written);
  c.slowDisk('n2', 1);
  c.until('they have found each other equal again', () => Math.min(...proven()) >= written, seconds(600));
});

test('what differs is looked at again after a pause, so that a write on its way is no difference (limits.comparePauseMs)', () => {
  const c = withStaleThird(['k']);
  const others = [c.hold('tree', 'n2'), c.hold('tree', 'n3')];
  const calls = c.hold('bucket', 'n1', 'n3');
  const leaves = c.hold('treeReply', 'n3', 'n1');
  c.until('n1 has compared with n3', () => leaves.count > 0, seconds(30));
  leaves.releaseFirst();
  c.until('n1 has asked for leaves', () => leaves.count > 0, seconds(5));
  leaves.releaseFirst();
  const from = c.now;
  c.until('n1 asks what is in the bucket', () => calls.count > 0, seconds(5));
  expect(c.now - from).toBeGreaterThanOrEqual(comparePauseMs);
  expect(c.now - from).toBeLessThan(comparePauseMs + 100);
  for (const held of [leaves, calls, ...others]) held.release();
  c.until('it has the record', () => c.node('n3').record('k') !== null, seconds(30));
});

test('damage in a record that nobody reads is found and mended (limits.treeAuditEveryMs)', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.run(seconds(1));
  c.stop('n2').restart('n2').untilNormal();
  c.run(seconds(1));
  c.corruptRecord('n2', 'k');
  c.node('n2').expectLacks('k');
  c.run(treeAuditEveryMs - seconds(5));
  c.node('n2').expectLacks('k');
  c.run(seconds(20));
  c.node('n2').expectHolds('k', 1);
});

test('the pass over the store mends what it finds damaged, though no replica compares itself with another', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.run(seconds(1));
  c.stop('n2').restart('n2').untilNormal();
  c.hold('tree');
  c.run(seconds(1)).corruptRecord('n2', 'k');
  c.node('n2').expectLacks('k');
  c.run(treeAuditEveryMs + seconds(20));
  c.node('n2').expectHolds('k', 1);
});

const everything = { from: 0, to: 65_535 };

test('what two nodes hold differently can be looked at: which key, and the versions of both', () => {
  const c = withStaleThird(['lost']);
  c.untilAcquainted();
  c.put('n1', 'shared', 1, { level: 'all' }).expect('ok');
  const page = { kind: 'differences', range: everything, after: '', limit: 10 } as const;
  const found = c.inquire('n1', { ...page, peer: 'n3' as NodeId });
  const clock = c.node('n1').record('lost')!.clock;
  expect(found).toMatchObject({ sharedBuckets: 65_536, buckets: 1, next: null });
  expect('keys' in found && found.keys).toMatchObject([{ ref: { key: 'lost' }, here: clock, there: null }]);
  const back = c.inquire('n3', { ...page, peer: 'n1' as NodeId });
  expect('keys' in back && back.keys).toMatchObject([{ ref: { key: 'lost' }, here: null, there: clock }]);
  const equals = c.inquire('n1', { ...page, peer: 'n2' as NodeId });
  expect(equals).toMatchObject({ buckets: 0, keys: [], next: null });
});

/** Has a node compare itself with another, waits until it has, and tells what came of it. */
function sync(c: Cluster, node: string, peer: string, aim: RepairAim): PeerSync {
  const order = { peer: peer as NodeId, aim };
  const { begun } = c.inquire(node, { kind: 'sync', order });
  const state = () =>
    c.inquire(node, { kind: 'sync', order: null }).syncs.find(({ id }) => id === begun!.id)!;
  c.until(`${node} has compared itself with ${peer}`, () => state().endedAt !== null, seconds(30));
  return state().peers[0]!;
}

const both: RepairAim = { pull: true, push: true, dryRun: false };
const dry: RepairAim = { pull: true, push: true, dryRun: true };

test('a dry comparison counts what would go which way, and changes nothing', () => {
  const c = withStaleThird(['a', 'b']);
  c.untilAcquainted();
  expect(sync(c, 'n1', 'n3', dry)).toMatchObject({ state: 'repaired', keys: 2, pulled: 0, pushed: 2 });
  expect(sync(c, 'n3', 'n1', dry)).toMatchObject({ state: 'repaired', keys: 2, pulled: 2, pushed: 0 });
  for (const key of ['a', 'b']) c.node('n3').expectLacks(key);
});

test.each([
  ['pulls and the peer has more', 'n3', 'n1', { pull: true, push: false, dryRun: false }, true],
  ['pushes and it has more', 'n1', 'n3', { pull: false, push: true, dryRun: false }, true],
  ['pushes and the peer has more', 'n3', 'n1', { pull: false, push: true, dryRun: false }, false],
  ['pulls and it has more', 'n1', 'n3', { pull: true, push: false, dryRun: false }, false],
])('a comparison that is asked for goes one way: the node %s', (_, node, peer, aim, repaired) => {
  const c = withStaleThird(['k']);
  c.untilAcquainted();
  const { state, reason, pulled, pushed } = sync(c, node, peer, aim);
  expect([state, reason]).toEqual(['repaired', null]);
  expect(pulled + pushed).toBe(repaired ? 1 : 0);
  if (repaired) c.node('n3').expectHolds('k', 'k');
  else c.node('n3').expectLacks('k');
});

test('a comparison that is asked for says why it came to no end', () => {
  const c = cluster(3);
  c.stop('n3').run(seconds(30));
  const away = sync(c, 'n1', 'n3', dry);
  expect(away).toMatchObject({ state: 'brokenOff', reason: 'unreachable', keys: 0 });
  expect(sync(c, 'n1', 'n2', dry)).toMatchObject({ state: 'equal', reason: null });
});

test('what clients ask for comes first: under load a node that is behind catches up bucket by bucket', () => {
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
  const takes = (perSecond: number) => {
    const c = withStaleThird(keys);
    c.untilAcquainted();
    for (const name of ['n1', 'n2']) c.hold('tree', name);
    c.measureLoad('n1', perSecond).run(50);
    c.measureLoad('n3', 0);
    const from = c.now;
    expect(sync(c, 'n3', 'n1', both)).toMatchObject({ state: 'repaired', pulled: keys.length });
    return c.now - from;
  };
  expect(takes(10)).toBeLessThan(seconds(3));
  // A hundredth of what is asked of the busiest node, though that is another than the one that is behind.
  expect(takes(1000)).toBeGreaterThanOrEqual(seconds(4));
  expect(takes(1000)).toBeLessThan(seconds(7));
});
