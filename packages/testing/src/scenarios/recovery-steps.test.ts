import { expect, test } from 'vitest';
import { type Cluster, cluster } from '../scenario/cluster.ts';

/**
 * I27: a recovery that is cut off at any of its steps, by a crash or by the loss of power, ends as one that was left
 * alone: the same records, the same listing, the same counts.
 */

const keys = Array.from({ length: 8 }, (_, index) => `key-${index}`);

const losses: Readonly<Record<string, (c: Cluster) => void>> = {
  'its rows': (c) => c.loseStore('n1'),
  'one write out of its history': (c) => c.loseFirstWriteOf('n1', keys[0]!),
  'its directory': (c) => c.wipeDirectory('n1').giveSeeds('n1'),
};

/** Three nodes; the first has lost something while it was down, and the others have written meanwhile. */
function struck(lose: (c: Cluster) => void): Cluster {
  const c = cluster(3);
  for (const key of keys) c.put('n1', key, `first ${key}`).expect('ok');
  c.put('n1', keys[0]!, 'second').expect('ok');
  c.del('n1', keys[1]!).expect('ok');
  c.kill('n1');
  lose(c);
  c.put('n2', keys[2]!, 'third').expect('ok');
  c.del('n3', keys[3]!).expect('ok');
  return c;
}

function ending(c: Cluster) {
  c.untilNormal().expectConverged();
  const { keys: live, tombstones } = c.node('n1').counts;
  return { live, tombstones, records: keys.map((key) => c.node('n1').record(key)?.siblings) };
}

test.each(Object.entries(losses))('of %s', (_, lose) => {
  const calm = struck(lose);
  const watch = calm.watchSteps('n1');
  calm.restart('n1').untilNormal();
  const { steps } = watch;
  const expected = ending(calm);
  calm.node('n1').expectHolds(keys[0]!, 'second').expectHolds(keys[1]!).expectHolds(keys[2]!, 'third');
  expect(steps).toBeGreaterThan(20);
  for (let step = 1; step <= steps; step++) {
    const c = struck(lose);
    const toIt = c.watchSteps('n1', step, step % 2 === 0);
    c.start('n1').until('it has died once more', () => toIt.steps === step && !c.node('n1').isUp);
    c.restart('n1');
    const found = ending(c);
    expect(found, `cut off after step ${step}`).toEqual(expected);
  }
});
