import { hintWindow } from '@starling/core/hints/delivery.ts';
import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('a hint outlives the crash of its holder', () => {
  const c = cluster(3);
  c.cut('n3');
  c.put('n1', 'k', 1).expect('ok');
  c.run(seconds(5)).node('n1').expectHintsFor('n3', 1);

  c.powerCut('n1').restart('n1');
  c.node('n1').expectHintsFor('n3', 1);
  c.heal();
  c.until('n3 has been given what it missed', () => c.node('n3').record('k') !== null);
  c.until('nothing is owed any more', () => c.node('n1').hintsFor('n3') === 0);
  c.node('n3').expectHolds('k', 1);
});

test('a coordinator that dies right after its answer still owes the replicas that had not got the write', () => {
  const c = cluster(3);
  c.cut('n3');
  c.put('n1', 'k', 1).expect('ok');
  c.powerCut('n1', 'n2').heal().restart('n1', 'n2');
  c.expectConverged();
  c.node('n3').expectHolds('k', 1);
});

test('what a node owed is not forgotten with its disk', () => {
  const c = cluster(3);
  c.cut('n3');
  c.put('n1', 'k', 1).expect('ok');
  c.run(seconds(15)).node('n1').expectHintsFor('n3', 1);

  c.powerCut('n1').loseStore('n1').heal().restart('n1').untilNormal();
  c.expectConverged();
  c.until('nothing is owed any more', () => ['n2', 'n3'].every((name) => c.node('n1').hintsFor(name) === 0));
});

test('hints are no storm: a returning replica is sent a window of records at a time', () => {
  const c = cluster(3);
  c.cut('n3');
  for (let key = 0; key < 4 * hintWindow; key++) c.put('n1', `key-${key}`, key).expect('ok');
  c.run(seconds(5))
    .node('n1')
    .expectHintsFor('n3', 4 * hintWindow);

  const stores = c.hold('store', 'n1', 'n3');
  c.heal();
  c.until('n1 sees n3 again', () => c.node('n1').memberStatus('n3') === 'alive').run(seconds(3));
  expect(stores.count).toBe(hintWindow);
  stores.release();
  c.expectConverged();
  c.until('nothing is owed any more', () => c.node('n1').hintsFor('n3') === 0);
});

test('over the bound of hints the replica is owed everything, and gets it (limits.hintsPerTargetMax)', () => {
  const c = cluster(3, { tuning: { hintsPerTargetMax: 4 } });
  c.cut('n3');
  for (let key = 0; key < 10; key++) c.put('n1', `key-${key}`, key).expect('ok');
  c.run(seconds(5)).node('n1').expectHintsFor('n3', Number.POSITIVE_INFINITY);
  c.heal().expectConverged();
});

test('a replica that is owed everything is sent what was still on its way to the disk', () => {
  const c = cluster(3, { tuning: { hintsPerTargetMax: 0 } });
  c.hold('tree');
  // The key is new, so nothing of it is on the disk; and known to be, so nothing has to be read.
  c.get('n1', 'k').expect('ok');
  const stores = c.hold('store', 'n1');
  c.slowDisk('n1', 20_000);
  c.put('n1', 'k', 1, { deadlineMs: 50 }).expect('unknown');
  stores.drop();
  c.until('the write is on the disk of n1', () => c.node('n1').record('k') !== null, seconds(60));
  c.slowDisk('n1', 1);
  c.expectConverged();
});

test('a write missed while an older record of its key is being delivered is still owed', () => {
  const c = cluster(3);
  c.cut('n3');
  c.put('n1', 'k', 1).expect('ok');
  c.run(seconds(5)).node('n1').expectHintsFor('n3', 1);

  const stores = c.hold('store', 'n1', 'n3');
  c.heal();
  c.until('the old record is on its way to n3', () => stores.count === 1);
  c.put('n1', 'k', 2, { deadlineMs: 500 }).expect('ok');
  c.run(seconds(1));
  stores.releaseFirst();
  stores.drop();
  c.until('n3 has the old record', () => c.node('n3').record('k') !== null);
  c.until('n3 has the new one', () => c.node('n3').record('k')?.clock.at(-1)?.counter === 2, seconds(20));
  c.node('n3').expectHolds('k', 2);
});

test('a hint whose acknowledgement is lost is delivered again', () => {
  const c = cluster(3);
  c.cut('n3');
  c.put('n1', 'k', 1).expect('ok');
  c.run(seconds(5));
  const replies = c.hold('storeReply', 'n3', 'n1');
  c.heal();
  c.until('n3 has acknowledged the record', () => replies.count > 0);
  replies.drop();
  c.until('n1 owes n3 nothing', () => c.node('n1').hintsFor('n3') === 0, seconds(30));
});
