import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('over the bound of requests in flight callers are refused at once, and served again after', () => {
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
