/**
 * One dot for two writes makes the second vanish (riak_kv issue 679 and its flavours). That no dot is used twice is
 * watched at every step of every scenario; these bring about the circumstances.
 */
import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('a coordinator that lost its own copy in a power cut does not mint the same dot again', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.slowDisk('n1', 1e6);
  c.put('n1', 'k', 2).expect('ok');
  c.powerCut('n1').slowDisk('n1', 1).node('n1').expectHolds('k', 1);

  c.restart('n1').untilNormal();
  c.put('n1', 'k', 3).expect('ok');
  c.expectRead('n2', 'k').toBe(3);
  c.expectConverged();
});

test('a node whose directory was restored from a copy mints under a new name', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  c.stop('n1');
  const backup = c.saveDirectory('n1');
  c.restart('n1').untilNormal();
  c.put('n1', 'k', 2).expect('ok');
  const { actor } = c.node('n1');

  c.stop('n1').restoreDirectory('n1', backup, 'copied').restart('n1').untilNormal();
  expect(c.node('n1').actor).not.toBe(actor);
  c.put('n1', 'k', 3).expect('ok');
  c.expectRead('n2', 'k').toBe(3);
  c.expectConverged();
});

test('a node whose whole volume went back in time learns of it from its own dots and mints none of them again', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  c.stop('n1');
  const snapshot = c.saveDirectory('n1');
  c.restart('n1').untilNormal();
  c.put('n1', 'k', 2).expect('ok');
  const { actor } = c.node('n1');

  c.stop('n1').restoreDirectory('n1', snapshot, 'rolledBack').restart('n1').untilNormal();
  expect(c.node('n1').actor).toBe(actor);
  c.put('n1', 'k', 3).expect('failed');
  expect(c.node('n1').actor).not.toBe(actor);
  c.untilNormal();
  c.put('n1', 'k', 4).expect('ok');
  c.expectRead('n3', 'k').toBe(4);
  c.expectConverged();
});

test('a node that lost its whole store recovers before it counts, under a new name', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  const { actor } = c.node('n1');
  c.powerCut('n1').loseStore('n1').restart('n1').untilNormal();
  expect(c.node('n1').actor).not.toBe(actor);
  c.node('n1').expectHolds('k', 1);
  c.put('n1', 'k', 2).expect('ok');
  c.expectRead('n2', 'k').toBe(2);
  c.expectConverged();
});

test('a node id that comes back on an empty directory gets its data back and reuses no dot', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  c.stop('n1').wipeDirectory('n1').giveSeeds('n1').run(seconds(90)).restart('n1').untilNormal();
  c.node('n1').expectHolds('k', 1);
  c.put('n1', 'k', 2).expect('ok');
  c.expectRead('n2', 'k').toBe(2);
  c.expectConverged();
});

test('a clean stop keeps the name under which a node mints', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  const { actor } = c.node('n1');
  c.stop('n1').restart('n1').untilNormal();
  expect(c.node('n1').actor).toBe(actor);
  c.put('n1', 'k', 2).expect('ok');
  c.expectRead('n3', 'k').toBe(2);
});

test('a wiped node that dies before it has heard of the ring knows in its next life that it has lost everything', () => {
  const c = cluster(3);
  c.cut('n3');
  c.put('n1', 'k', 1).expect('ok');
  c.run(seconds(15)).stop('n2').wipeDirectory('n2').giveSeeds('n2');
  c.cut('n2').run(seconds(90)).restart('n2').run(seconds(5));
  expect(c.node('n2').epoch).toBe(0);

  c.kill('n2').heal().cut('n1').restart('n2').run(seconds(10));
  c.node('n2').expectState('recovering');
  c.get('n3', 'k').expect('failed', 'quorum_unavailable');

  c.heal().untilNormal();
  c.expectRead('n3', 'k').toBe(1);
  c.expectConverged();
});
