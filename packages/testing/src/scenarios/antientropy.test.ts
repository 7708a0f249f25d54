import { limits } from '@starling/core/base/limits.ts';
import { expect, test } from 'vitest';
import { type Cluster, cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

const { compareEveryMs, comparePauseMs, treeAuditEveryMs } = limits;

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

test('equal replicas say so once in a while, in one message, and do nothing else (limits.compareEveryMs)', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.run(seconds(20));
  const asked = c.hold('tree', 'n1');
  const [pages, reads, stores] = (['bucket', 'read', 'store'] as const).map((kind) => c.hold(kind));
  c.run(compareEveryMs - 100);
  expect(asked.count).toBeLessThanOrEqual(1);
  c.run(200);
  expect(asked.count).toBe(1);
  asked.release();
  c.run(seconds(60));
  expect([pages!.count, reads!.count, stores!.count]).toEqual([0, 0, 0]);
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
