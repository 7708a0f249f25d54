import { limits } from '@starling/core/base/limits.ts';
import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('over the bound of requests in flight callers are refused at once, and served again after (limits.requestsInFlightMax)', () => {
  const c = cluster(3, { tuning: { requestsInFlightMax: 8 } });
  c.pause('n2', 'n3');
  const waiting = Array.from({ length: 8 }, (_, key) => c.put('n1', `key-${key}`, key));
  const refused = c.put('n1', 'one more', 1);
  c.run(1);
  expect(refused.isThere).toBe(true);
  refused.expect('failed', 'overloaded');
  expect(waiting.some(({ isThere }) => isThere)).toBe(false);

  c.resume('n2', 'n3');
  for (const write of waiting) write.expect('ok');
  c.put('n1', 'one more', 1).expect('ok');
});

test('retries of one request while its first attempt is under way make one write', () => {
  const c = cluster(3);
  const stores = c.hold('store', 'n1');
  const first = c.put('n1', 'k', 1, { requestId: 'r1' });
  c.run(50);
  const retries = Array.from({ length: 10 }, () => c.put('n1', 'k', 1, { requestId: 'r1' }));
  c.run(50);
  stores.release();
  const { dot } = first.written();
  for (const retry of retries) expect(retry.written()).toMatchObject({ repeated: true, dot });
  expect(c.node('n1').record('k')?.clock).toEqual([expect.objectContaining({ counter: 1 })]);
  c.expectConverged();
});

test('what nobody waits for any more ends: no request outlives its deadline on a node', () => {
  const c = cluster(3);
  c.cut('n1');
  for (let key = 0; key < 20; key++) c.put('n1', `key-${key}`, key, { deadlineMs: 200 });
  c.run(10);
  expect(c.node('n1').counts.requestsInFlight).toBe(20);
  c.run(seconds(1));
  expect(c.node('n1').counts.requestsInFlight).toBe(0);
});

test('answered writes that wait for a slow replica are so many, then the oldest is a hint at once (limits.lingeringWritesMax)', () => {
  const c = cluster(3, { tuning: { lingeringWritesMax: 4 } });
  const stores = c.hold('store', 'n1', 'n3');
  for (let key = 0; key < 4; key++) c.put('n1', `key-${key}`, key).expect('ok');
  c.node('n1').expectHintsFor('n3', 0);
  c.put('n1', 'one more', 1).expect('ok');
  c.node('n1').expectHintsFor('n3', 0);
  // The bound is held when a request begins.
  c.put('n1', 'the next', 1).expect('ok');
  c.node('n1').expectHintsFor('n3', 1);
  stores.release();
  c.expectConverged();
});

test('writes are refused while more waits for the disk than may, and taken again after (limits.writeBytesPendingMax)', () => {
  const c = cluster(3, { tuning: { writeBytesPendingMax: 20_000 } });
  const keys = Array.from({ length: 5 }, (_, at) => `key-${at}`);
  // What a write finds in memory it need not wait for.
  for (const key of keys) c.get('n1', key).toBeNotFound();
  c.slowDisk('n1', 1000);
  // None of them is on its way to the disk when the next is taken in; a sync takes 100 ms at least.
  const writes = keys.map((key) => c.put('n1', key, 'x'.repeat(5000), { deadlineMs: 60_000 }));
  c.run(20);
  const refused = c.put('n1', 'one too many', 1);
  c.run(1);
  expect(refused.isThere).toBe(true);
  refused.expect('failed', 'overloaded');
  c.slowDisk('n1', 1);
  for (const write of writes) write.expect('ok');
  c.run(seconds(1));
  c.put('n1', 'one more', 1).expect('ok');
});

test('a stop gives requests in flight so long and no longer (limits.shutdownGraceMs)', () => {
  const c = cluster(3);
  c.cut('n1');
  const waiting = c.put('n1', 'k', 1, { deadlineMs: 60_000 });
  c.run(10);
  const asked = c.now;
  c.stop('n1');
  expect(c.now - asked).toBeGreaterThanOrEqual(limits.shutdownGraceMs);
  expect(c.now - asked).toBeLessThan(limits.shutdownGraceMs + 1000);
  expect(waiting.isThere).toBe(true);
});
