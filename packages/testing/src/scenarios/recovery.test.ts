import { test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('a node that lost its rows does not count again on the word of a replica that may have missed writes', () => {
  const c = cluster(3);
  const stores = c.hold('store', null, 'n3');
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
  c.expectConverged();
});
