import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('a read repair that arrives after a newer write does not undo it', () => {
  const c = cluster(3);
  const missed = c.hold('store', 'n1', 'n3');
  c.put('n1', 'k', 1).expect('ok');
  missed.drop();
  const repairs = c.hold('store', 'n1', 'n3');
  c.get('n1', 'k', { level: 'all' }).toBe(1);
  expect(repairs.count).toBeGreaterThan(0);
  c.node('n3').expectLacks('k');

  c.put('n2', 'k', 2, { level: 'all' }).expect('ok');
  c.node('n3').expectHolds('k', 2);
  repairs.release();
  c.run(seconds(10));
  c.node('n3').expectHolds('k', 2);
  c.expectConverged();
});

test('a value that one read has shown is shown by every later read', () => {
  const c = cluster(3);
  const stores = c.hold('store', 'n1');
  c.put('n1', 'k', 1).expect('unknown');
  stores.drop();
  // Only n1 has it. Whoever reads it must first have made it durable on a majority.
  const [first, second] = [c.get('n1', 'k'), c.get('n1', 'k')];
  first.toBe(1);
  second.toBe(1);
  c.cut('n1');
  c.expectRead('n2', 'k').toBe(1);
});

test('a retried request is applied once, through whatever node it comes again', () => {
  const c = cluster(3);
  const first = c.put('n1', 'k', 1, { requestId: 'r1' }).written();
  const again = c.put('n2', 'k', 1, { requestId: 'r1' }).written();
  expect(again).toMatchObject({ repeated: true, dot: first.dot });

  c.put('n3', 'k', 2).expect('ok');
  expect(c.put('n2', 'k', 1, { requestId: 'r1' }).written().repeated).toBe(true);
  expect(c.put('n1', 'k', 1, { requestId: 'r1' }).written().repeated).toBe(true);
  c.expectRead('n3', 'k').toBe(2);
});

test('a retry finds a first attempt that only one replica holds, and makes it durable', () => {
  const c = cluster(3);
  const stores = c.hold('store', 'n1');
  c.put('n1', 'k', 1, { requestId: 'r1', deadlineMs: 500 }).expect('unknown');
  stores.drop();
  c.node('n2').expectLacks('k');
  const dot = c.node('n1').record('k')?.siblings[0]?.dot;

  c.cut('n3');
  const retry = c.put('n2', 'k', 1, { requestId: 'r1' }).written();
  expect(retry).toMatchObject({ repeated: true, dot: `${dot?.actor}:${dot?.counter}` });
  c.node('n1').expectHolds('k', 1);
  c.node('n2').expectHolds('k', 1);
});

test('a retried delete does not delete what was written in between', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  c.del('n1', 'k', { requestId: 'd1' }).expect('ok');
  c.put('n2', 'k', 2).expect('ok');
  expect(c.del('n3', 'k', { requestId: 'd1' }).written().repeated).toBe(true);
  c.expectRead('n1', 'k').toBe(2);
});

test.each([0, 1])(
  'an answer to the last life of a node is no answer to this one (%i asked before)',
  (before) => {
    const c = cluster(3);
    c.put('n1', 'b', 'of b', { level: 'all' }).expect('ok');
    c.put('n1', 'a', 'of a', { level: 'all' }).expect('ok');
    const late = [c.hold('readReply', 'n2', 'n1'), c.hold('readReply', 'n3', 'n1')];
    c.get('n1', 'a', { level: 'all' });
    c.until('the answers are on their way', () => late.every(({ count }) => count > 0));

    c.kill('n1').restart('n1').untilNormal();
    // As many questions as the last life had asked: one of them would have the number of the question about a.
    for (let asked = 0; asked < before; asked++) c.get('n1', 'b');
    const reads = Array.from({ length: 16 }, () => c.get('n1', 'b', { level: 'all' }));
    c.run(5);
    for (const replies of late) replies.release();
    for (const read of reads) read.toBe('of b');
  },
);

test('a node restarts in the middle of its write and the cluster agrees on what became of it', () => {
  const c = cluster(3);
  const stores = c.hold('store', 'n1', 'n3');
  const write = c.put('n1', 'k', 1);
  c.until('n2 has it', () => c.node('n2').record('k') !== null);
  c.powerCut('n1');
  write.expectOneOf('ok', 'lost');
  stores.drop();
  c.restart('n1').untilNormal();
  c.expectRead('n3', 'k').toBe(1);
  c.expectConverged();
});
