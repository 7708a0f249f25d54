import { test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('a hint that is older than a delete brings nothing back', () => {
  const c = cluster(3);
  c.cut('n3');
  c.put('n1', 'k', 1).expect('ok');
  c.run(seconds(5)).node('n1').expectHintsFor('n3', 1);

  c.heal().cut('n1');
  c.del('n2', 'k').expect('ok');
  c.node('n3').expectHolds('k');

  c.heal().expectConverged();
  for (const name of c.names) c.expectRead(name, 'k', { level: 'one' }).toBeNotFound();
});

test('a replica that slept through a delete brings nothing back', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.stop('n3');
  c.del('n1', 'k').expect('ok');
  c.restart('n3').untilNormal();
  c.expectRead('n3', 'k').toBeNotFound();
  c.expectConverged();
  for (const name of c.names) c.node(name).expectHolds('k');
});

test('a stale tombstone does not kill a newer write', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.del('n1', 'k', { level: 'all' }).expect('ok');
  c.cut('n3');
  c.put('n1', 'k', 2).expect('ok');
  c.node('n3').expectHolds('k');

  c.heal();
  c.get('n3', 'k', { level: 'all' }).toBe(2);
  c.expectConverged();
  for (const name of c.names) c.node(name).expectHolds('k', 2);
});

test('a tombstone that comes back with an old directory does not kill a newer write', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.del('n3', 'k', { level: 'all' }).expect('ok');
  c.stop('n3');
  const backup = c.saveDirectory('n3');
  c.restart('n3').untilNormal();
  c.put('n3', 'k', 2, { level: 'all' }).expect('ok');

  c.stop('n3').restoreDirectory('n3', backup, 'copied').restart('n3').untilNormal();
  c.expectRead('n3', 'k').toBe(2);
  c.expectConverged();
  for (const name of c.names) c.node(name).expectHolds('k', 2);
});

test('a delete with a context leaves alone what its client had not read', () => {
  const c = cluster(3);
  const seen = c.put('n1', 'k', 'read', { seen: 'nothing' }).expect('ok');
  c.put('n2', 'k', 'unread', { seen: 'nothing' }).expect('ok');
  c.del('n3', 'k', { seen }).expect('ok');
  c.expectRead('n1', 'k').toBe('unread');
});
