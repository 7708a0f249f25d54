import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('a node that lost its rows does not count again on the word of a replica that may have missed writes', () => {
  const c = cluster(3);
  const stores = c.hold('store', null, 'n3');
  const comparisons = c.hold('tree');
  c.put('n1', 'k', 1).expect('ok');
  const pages = c.hold('pullReply', 'n2', 'n1');
  c.kill('n1').loseStore('n1');
  c.restart('n1');

  c.run(seconds(20));
  c.node('n3').expectLacks('k');
  c.node('n1').expectState('recovering').expectLacks('k');
  c.expectRead('n2', 'k', { deadlineMs: seconds(1) }).toBe(1);

  pages.release();
  c.untilNormal();
  c.node('n1').expectHolds('k', 1);
  stores.drop();
  comparisons.drop();
  c.expectConverged();
});

test.each([1, 3])(
  'what one of %i nodes lists and counts is right again after one write was lost out of its history',
  (nodes) => {
    const c = cluster(nodes);
    c.put('n1', 'a', 1).expect('ok');
    c.put('n1', 'a', 2).expect('ok');
    c.put('n1', 'b', 1).expect('ok');
    c.del('n1', 'b').expect('ok');
    c.put('n1', 'c', 1).expect('ok');
    const { keys, tombstones, recordBytes } = c.node('n1').counts;
    c.kill('n1').loseFirstWriteOf('n1', 'a');
    c.restart('n1').untilNormal();
    c.node('n1').expectHolds('a', 2).expectLists('a', 'c');
    expect(c.node('n1').counts).toMatchObject({ keys, tombstones, recordBytes });
  },
);

test('a key deleted by a write that is lost out of the history is not listed once the delete has come back', () => {
  const c = cluster(3);
  c.put('n1', 'a', 1).expect('ok');
  c.put('n1', 'b', 1).expect('ok');
  c.kill('n1').loseFirstWriteOf('n1', 'a');
  c.del('n2', 'a').expect('ok');
  c.restart('n1').untilNormal();
  c.node('n1').expectHolds('a').expectLists('b');
  expect(c.node('n1').counts).toMatchObject({ keys: 1, tombstones: 1 });
});

test('a node that dies while it makes its listing anew makes it anew in its next life', () => {
  const c = cluster(1);
  c.put('n1', 'a', 1).expect('ok');
  c.put('n1', 'a', 2).expect('ok');
  c.kill('n1').loseFirstWriteOf('n1', 'a');
  c.slowDisk('n1', 1000).restart('n1');
  c.node('n1').expectState('recovering');
  c.kill('n1').slowDisk('n1', 1).restart('n1').untilNormal();
  c.node('n1').expectLists('a');
  expect(c.node('n1').counts).toMatchObject({ keys: 1, tombstones: 0 });
});
