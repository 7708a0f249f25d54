import { limits } from '@starling/core/base/limits.ts';
import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

const { expiryGraceMs, expirySweepMs } = limits;

test('a value whose time is over leaves every disk within a minute, with its key off the listing', () => {
  const c = cluster(3);
  c.put('n1', 'k', 'short', { livesMs: seconds(2), level: 'all' }).expect('ok');
  c.put('n1', 'other', 'stays', { level: 'all' }).expect('ok');
  c.run(seconds(2));
  for (const name of c.names) c.expectRead(name, 'k').toBeNotFound();
  c.run(seconds(58));
  for (const name of c.names) {
    c.node(name).expectHolds('k');
    expect(c.node(name).counts).toMatchObject({ keys: 1, tombstones: 1 });
  }
  c.expectConverged();
});

test('an expired value is kept for so long, and then dropped at the next look (limits.expiryGraceMs, limits.expirySweepMs)', () => {
  const c = cluster(3);
  c.put('n1', 'k', 'short', { livesMs: 1, level: 'all' }).expect('ok');
  const over = c.now;
  c.run(expiryGraceMs - 10);
  c.node('n2').expectHolds('k', 'short');
  c.run(10 + expirySweepMs + 100);
  c.node('n2').expectHolds('k');
  expect(c.now - over).toBeLessThan(seconds(60));
});

test('a replica that slept while a value expired does not bring it back', () => {
  const c = cluster(3);
  c.put('n1', 'k', 'short', { livesMs: seconds(5), level: 'all' }).expect('ok');
  c.stop('n3');
  c.run(seconds(60));
  c.node('n1').expectHolds('k');
  c.restart('n3').untilNormal();
  for (const name of c.names) c.expectRead(name, 'k').toBeNotFound();
  c.run(seconds(60));
  c.node('n3').expectHolds('k');
  c.expectConverged();
});

test('a hint with a value that has expired meanwhile brings nothing back', () => {
  const c = cluster(3);
  c.cut('n3');
  c.put('n1', 'k', 'short', { livesMs: seconds(5) }).expect('ok');
  c.run(seconds(60)).node('n1').expectHolds('k');
  c.heal().expectConverged();
  c.run(seconds(60));
  for (const name of c.names) c.node(name).expectHolds('k');
});

test('a value written anew in time is not dropped with the old one', () => {
  const c = cluster(3);
  c.put('n1', 'k', 'short', { livesMs: seconds(5), level: 'all' }).expect('ok');
  c.put('n2', 'k', 'for ever', { level: 'all' }).expect('ok');
  c.run(seconds(120));
  for (const name of c.names) c.node(name).expectHolds('k', 'for ever');
});
