import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('a coordinator that is no replica does not count itself', () => {
  const c = cluster(5);
  const key = c.keyOn('n1', 'n2', 'n3');
  const { explain } = c.put('n5', key, 1).expect('ok');
  expect(explain.forwardedBy).toBe('n5');
  expect(explain.steps.map(({ replica }) => replica)).not.toContain('n5');
  c.node('n5').expectLacks(key);

  c.cut('n2', 'n3');
  c.until('n5 holds n2 and n3 for dead', () =>
    ['n2', 'n3'].every((name) => c.node('n5').memberStatus(name) === 'dead'),
  );
  c.put('n5', key, 2).expectOneOf('failed', 'unknown');
  c.node('n1').expectHolds(key, 1);
  const { details } = c.put('n1', key, 2).expect('failed', 'quorum_unavailable').error;
  expect(details).toMatchObject({ needed: 2, answered: 1 });
  c.heal();
  c.expectRead('n5', key).toBe(1);
});

test('two sides of a partition never both have a quorum, however long it lasts', () => {
  const c = cluster(5, { replicas: 5 });
  const { epoch } = c.node('n4');
  c.put('n4', 'k', 1).expect('ok');
  c.cut('n4', 'n5').run(seconds(600));
  c.put('n4', 'k', 2).expect('failed', 'quorum_unavailable');
  c.get('n5', 'k').expect('failed', 'quorum_unavailable');
  c.put('n1', 'k', 3).expect('ok');
  expect(c.node('n4').epoch).toBe(epoch);
  expect(c.node('n1').epoch).toBe(epoch);

  c.heal();
  c.expectRead('n5', 'k').toBe(3);
  c.expectConverged();
});

test('with two of three paused a request says what was needed and who answered, and works again after', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  c.pause('n2', 'n3');
  const refused = c.put('n1', 'k', 2).expect('failed', 'quorum_unavailable').error;
  expect(refused.details).toMatchObject({ phase: 'clock', needed: 2, answered: 1 });
  c.get('n1', 'k').expect('failed', 'quorum_unavailable');

  c.resume('n2', 'n3');
  c.put('n1', 'k', 3).expect('ok');
  c.expectRead('n2', 'k').toBe(3);
  c.expectConverged();
});

test('a write that exists but is not acknowledged is unknown, never failed', () => {
  const c = cluster(3);
  const replies = c.hold('storeReply');
  const { details } = c.put('n1', 'k', 1).expect('unknown', 'quorum_unavailable').error;
  expect(details).toMatchObject({ phase: 'store', needed: 2, answered: 1 });
  replies.drop();
  c.expectConverged();
  c.expectRead('n2', 'k').toBe(1);
});

test('a write that exists and that the others refuse is unknown too', () => {
  const c = cluster(3);
  c.fillDisk('n2').fillDisk('n3');
  c.put('n1', 'k', 1).expect('unknown', 'quorum_unavailable');
  c.healDisk('n2').healDisk('n3').expectConverged();
  c.expectRead('n2', 'k').toBe(1);
});

test('a node that is recovering does not count towards a read', () => {
  const c = cluster(3);
  c.cut('n2');
  c.put('n1', 'k', 1).expect('ok');
  c.powerCut('n3').loseStore('n3');
  c.heal().cut('n1').restart('n3').run(seconds(10));
  c.node('n3').expectState('recovering');
  c.node('n2').expectLacks('k');
  c.get('n2', 'k').expect('failed', 'quorum_unavailable');
  c.get('n3', 'k').expect('failed');

  c.heal().untilNormal();
  c.expectRead('n2', 'k').toBe(1);
  c.expectConverged();
});

test('a node that had left and then lost its rows is called by the others and recovers', () => {
  const c = cluster(3);
  c.put('n2', 'k', 1, { level: 'all' }).expect('ok');
  c.stop('n1').loseStore('n1').restart('n1').untilNormal();
  c.node('n1').expectHolds('k', 1);
});

test('a node that lost its rows waits for its cluster and founds no second one', () => {
  const c = cluster(3);
  c.put('n2', 'k', 1).expect('ok');
  c.powerCut('n1').loseStore('n1').cut('n1').restart('n1').run(seconds(60));
  c.node('n1').expectState('recovering');
  expect(c.node('n1').epoch).toBe(0);
  c.put('n1', 'k', 2).expect('failed', 'not_ready');

  c.heal().untilNormal();
  c.expectRead('n1', 'k').toBe(1);
  c.expectConverged();
});
