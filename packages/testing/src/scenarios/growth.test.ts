import type { ActorId, Hlc } from '@starling/core/base/ids.ts';
import { emptyRecord, writeSibling } from '@starling/core/causality/dvv-set.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { keyRef } from '@starling/core/ring/key.ts';
import { expect, test } from 'vitest';
import type { Answer } from '../scenario/answer.ts';
import { type Cluster, cluster } from '../scenario/cluster.ts';
import { toBytes } from '../scenario/json.ts';
import { table } from '../scenario/node-view.ts';
import { seconds } from '../scenario/story.ts';

const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);

function expectAllWritten(c: Cluster, through: string, value: number): void {
  for (const key of keys) c.expectRead(through, key).toBe(value);
}

/** Each key on exactly three nodes: those the ring names. */
function expectOnOwnersOnly(c: Cluster): void {
  for (const key of keys) {
    const holders = c.names.filter((name) => c.node(name).record(key) !== null);
    expect(holders).toEqual(c.replicasOf(key).sort());
    expect(holders).toHaveLength(3);
  }
}

test('a join while writes go on loses nothing and leaves each key on exactly three nodes', () => {
  const c = cluster(3);
  for (const key of keys) c.put('n1', key, 0).expect('ok');
  const settled = c.node('n1').epoch + 2;
  const pulls = c.hold('pullReply');
  const n4 = c.join();
  c.until('the joiner is taking arcs over', () => pulls.count > 0);
  let round = 0;
  const writeAll = () => {
    round++;
    for (const [index, key] of keys.entries()) c.put(`n${1 + (index % 4)}`, key, round).expect('ok');
  };
  writeAll();
  writeAll();
  pulls.release();
  while (c.node('n1').epoch < settled && round < 100) writeAll();

  c.untilNormal().expectConverged();
  expectAllWritten(c, n4, round);
  expectOnOwnersOnly(c);
});

test('a joiner that crashes half way takes nothing with it and joins when it is back', () => {
  const c = cluster(3);
  for (const key of keys) c.put('n1', key, 1).expect('ok');
  const pulls = c.hold('pullReply');
  const n4 = c.join();
  c.until('the joiner is taking arcs over', () => pulls.count > 0);
  c.powerCut(n4);
  pulls.drop();
  for (const key of keys) c.put('n2', key, 2).expect('ok');

  c.restart(n4).untilNormal().expectConverged();
  expectAllWritten(c, n4, 2);
  expectOnOwnersOnly(c);
});

test('a joiner that has heard one old replica only, which may have missed writes, goes on joining', () => {
  const c = cluster(3);
  const stores = c.hold('store', null, 'n3');
  for (const key of keys) c.put('n1', key, 1).expect('ok');
  const pages = [c.hold('pullReply', 'n1'), c.hold('pullReply', 'n2')];
  const n4 = c.join();
  c.run(seconds(20)).node(n4).expectState('joining');

  for (const held of pages) held.release();
  c.untilNormal();
  stores.drop();
  expectAllWritten(c, n4, 1);
  c.expectConverged();
});

test('writes under way while the ring takes their key away go on at a replica', () => {
  const c = cluster(3);
  const clocks = c.hold('clockReply', null, 'n1');
  const writes: Answer[] = keys.map((key) => c.put('n1', key, 1, { deadlineMs: seconds(60) }));
  c.run(100);
  c.join();
  c.untilNormal();
  clocks.release();
  for (const write of writes) write.expect('ok');
  expectAllWritten(c, 'n2', 1);
  c.expectConverged();
  expectOnOwnersOnly(c);
});

test('a write that only a former owner has reaches the newcomer that the others gave the key to without it', () => {
  const c = cluster(3);
  c.hold('tree');
  c.cut('n1');
  for (const key of keys) c.put('n1', key, 1, { level: 'one' }).expect('ok');
  c.run(seconds(10)).node('n1').expectHintsFor('n2', keys.length);
  const stores = c.hold('store', 'n1');
  const pages = c.hold('pullReply', 'n1');
  c.heal();
  c.join();
  c.untilNormal();
  stores.drop();
  pages.drop();

  c.expectConverged();
  expectOnOwnersOnly(c);
});

test('what a recovering replica gives a joiner is no proof that the joiner has every write', () => {
  const c = cluster(3);
  c.cut('n3');
  for (const key of keys) c.put('n1', key, 1).expect('ok');
  c.powerCut('n1').loseStore('n1');
  const pages = c.hold('pullReply', 'n2');
  c.heal().restart('n1');
  const n4 = c.join();
  c.run(seconds(40)).node(n4).expectState('joining');
  c.node('n1').expectState('recovering');

  pages.release();
  c.untilNormal().expectConverged();
  expectAllWritten(c, n4, 1);
  expectOnOwnersOnly(c);
});

test('a former owner drops nothing that its new owners do not hold', () => {
  const c = cluster(3);
  // Read once, the keys are in n1's memory: its disk is then needed for writing only.
  for (const key of keys) c.get('n1', key).toBeNotFound();
  c.cut('n2').slowDisk('n1', 1e6);
  for (const key of keys) c.put('n1', key, 1, { level: 'one' }).expect('ok');
  for (const key of keys) c.node('n1').expectLacks(key);
  c.powerCut('n1').slowDisk('n1', 1).run(seconds(15));
  const pages = c.hold('pullReply', 'n3');
  c.heal().restart('n1');
  const n4 = c.join();
  c.untilNormal();
  pages.drop();

  const lost = keys.filter((key) => !c.replicasOf(key).includes('n3'));
  expect(lost.length).toBeGreaterThan(0);
  c.until('n3 has dropped what it lost', () => lost.every((key) => c.node('n3').record(key) === null));
  for (const key of lost) for (const name of ['n1', 'n2', n4]) c.node(name).expectHolds(key, 1);
});

test('a founder that dies just after it has let a node in, and comes back elsewhere, still finds that node', () => {
  const c = cluster(1);
  const alone = c.node('n1').epoch;
  const n2 = c.join();
  c.until('the ring lists the joiner', () => c.node('n1').epoch > alone);
  c.powerCut('n1', n2);

  c.restartAt('n1', '10.1.0.1:7000').restart(n2);
  c.untilNormal();
  c.put(n2, 'k', 1).expect('ok');
  c.expectRead('n1', 'k').toBe(1);
});

test('a node that slept through a ring change cannot have writes accepted for arcs it lost', () => {
  const c = cluster(3);
  const { epoch } = c.node('n1');
  c.cut('n1');
  const n4 = c.join();
  c.cutBetween(['n1'], [n4]).untilNormal('n2', 'n3', n4);
  expect(c.node('n1').epoch).toBe(epoch);
  const lost = keys.find((key) => !c.replicasOf(key).includes('n1'))!;

  c.sendMessage('n3', 'n2', storeUnder(epoch, lost)).run(seconds(1));
  c.node('n2').expectLacks(lost);

  c.heal();
  c.put('n1', lost, 2).expect('ok');
  c.until('n1 has learned of the new ring', () => c.node('n1').epoch > epoch);
  c.expectConverged();
  c.node('n1').expectLacks(lost);
});

test('damaged rows whose copies are in memory are written again and stop no join', () => {
  const c = cluster(3);
  for (const key of keys) c.put('n1', key, 1, { level: 'all' }).expect('ok');
  for (const key of keys) for (const name of c.names) c.corruptRecord(name, key);

  const n4 = c.join();
  c.untilNormal();
  expectAllWritten(c, n4, 1);
  const taken = keys.filter((key) => c.replicasOf(key).includes(n4));
  expect(taken.length).toBeGreaterThan(0);
  for (const key of taken) for (const name of c.replicasOf(key)) c.node(name).expectHolds(key, 1);
});

test('a joiner whose record is damaged waits for the node it takes the key over from, and drops nothing', () => {
  const c = cluster(1);
  const pages = c.hold('pullReply', 'n1');
  const n2 = c.join();
  c.until('the joiner takes arcs over', () => c.node(n2).isUp && c.node(n2).epoch > 1);
  c.put('n1', 'k', 1).expect('ok');
  c.node(n2).expectHolds('k', 1);
  c.kill(n2).corruptRecord(n2, 'k').restart(n2);

  const answers = c.hold('readReply', 'n1', n2);
  c.run(seconds(2));
  c.get('n1', 'k', { deadlineMs: seconds(1) }).expect('failed', 'quorum_unavailable');
  c.run(seconds(10));
  expect(c.node(n2).damaged).toBe(1);

  answers.drop();
  c.run(seconds(10)).node(n2).expectHolds('k', 1);
  pages.release();
  c.untilNormal();
  c.expectConverged();
});

/** What a coordinator that holds the ring of `epoch` sends to a replica. */
function storeUnder(epoch: number, key: string): PeerMessage {
  const record = writeSibling(emptyRecord, [], {
    dot: { actor: 'n3~old' as ActorId, counter: 1 },
    hlc: 1 as Hlc,
    value: toBytes('too late'),
    scoped: false,
    expiresAt: 0,
    request: '',
  });
  return { kind: 'store', rpc: 1, epoch, ref: keyRef(table, key), record, counted: true };
}

test('a joiner asks again soon for pages that were lost with a connection', () => {
  const c = cluster(3);
  for (const key of keys) c.put('n1', key, 1).expect('ok');
  const pulls = c.hold('pullReply');
  const n4 = c.join();
  c.until('the joiner is taking arcs over', () => pulls.count > 0);
  pulls.drop();
  c.run(seconds(6)).node(n4).expectState('normal');
  c.expectConverged();
  expectAllWritten(c, n4, 1);
});
