import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('a power cut of every node at once loses no acknowledged write', () => {
  const c = cluster(3);
  c.put('n1', 'a', 1).expect('ok');
  c.put('n2', 'a', 2).expect('ok');
  c.put('n3', 'b', 3).expect('ok');
  c.powerCut('n1', 'n2', 'n3');

  c.restart('n1', 'n2', 'n3').untilNormal();
  c.expectRead('n1', 'a').toBe(2);
  c.expectRead('n2', 'b').toBe(3);
  c.expectConverged();
});

test('a write is not acknowledged before a majority has synced it', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.slowDisk('n2', 1e6).slowDisk('n3', 1e6);
  const { details } = c.put('n1', 'k', 2).expect('unknown', 'quorum_unavailable').error;
  expect(details).toMatchObject({ phase: 'store', needed: 2, answered: 1 });

  c.node('n1').expectHolds('k', 2);
  c.node('n2').expectHolds('k', 1);
  c.node('n3').expectHolds('k', 1);
});

test('a coordinator does not count its own write before it has synced it', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.cut('n3').slowDisk('n1', 1e6);
  const { details } = c.put('n1', 'k', 2).expect('unknown', 'quorum_unavailable').error;
  expect(details).toMatchObject({ phase: 'store', needed: 2, answered: 1 });
  c.node('n1').expectHolds('k', 1);
  c.node('n2').expectHolds('k', 2);
});

test('a write error poisons the node: it comes back under a new name and nothing acknowledged is gone', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  const { actor } = c.node('n1');
  c.failDisk('n1');
  c.put('n1', 'k', 2).expectOneOf('unknown', 'lost');

  c.healDisk('n1');
  c.until('n1 is back', () => c.node('n1').isUp).untilNormal();
  expect(c.node('n1').actor).not.toBe(actor);
  c.put('n1', 'k', 3).expect('ok');
  c.expectRead('n2', 'k').toBe(3);
  c.expectConverged();
});

test('a corrupt record is neither a value nor an absence, and is mended', () => {
  const c = cluster(3, { tuning: { cacheBytesMax: 0 } });
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  // Whatever is read next takes its place in memory.
  c.get('n1', 'other', { level: 'one' }).toBeNotFound();
  c.run(seconds(5)).corruptRecord('n1', 'k').cut('n1');

  c.get('n1', 'k', { level: 'one' }).expect('failed');
  c.put('n1', 'k', 2, { level: 'one' }).expect('failed');
  c.expectRead('n2', 'k').toBe(1);

  c.heal();
  c.until('n1 has mended the record', () => c.node('n1').damaged === 0 && c.node('n1').record('k') !== null);
  c.node('n1').expectHolds('k', 1);
  c.expectConverged();
});

test('a recovering node and one with a damaged record of a key they share do not wait for each other', () => {
  const c = cluster(3, { tuning: { cacheBytesMax: 0 } });
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.get('n2', 'other', { level: 'one' }).toBeNotFound();
  c.run(seconds(5)).powerCut('n1').loseStore('n1').corruptRecord('n2', 'k');

  c.restart('n1').untilNormal();
  for (const name of c.names) c.node(name).expectHolds('k', 1);
  expect(c.node('n2').damaged).toBe(0);
});

test('on a disk that is nearly full puts are refused while deletes and reads go on', () => {
  const c = cluster(3);
  c.put('n1', 'old', 1).expect('ok');
  for (const name of c.names) c.fillDisk(name);

  c.put('n1', 'new', 2).expect('failed', 'disk_full');
  c.expectRead('n2', 'old').toBe(1);
  c.del('n3', 'old').expect('ok');
  c.expectRead('n1', 'old').toBeNotFound();

  for (const name of c.names) c.healDisk(name);
  c.run(seconds(1));
  c.put('n1', 'new', 2).expect('ok');
  c.expectRead('n3', 'new').toBe(2);
});

test('one full disk stops nobody else, and is caught up once there is room', () => {
  const c = cluster(3);
  c.fillDisk('n3');
  c.put('n3', 'k', 1).expect('failed', 'disk_full');
  c.put('n1', 'k', 1).expect('ok');
  c.node('n3').expectLacks('k');

  c.healDisk('n3').expectConverged();
  c.node('n3').expectHolds('k', 1);
});
