import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

/** An hour in every run of the tests; five days, which take some minutes, where there is time. */
const hours = process.env['STARLING_LONG_TESTS'] === '1' ? 5 * 24 : 1;

const roundMs = seconds(600);
const roundsAnHour = 6;
const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);

test(`five nodes split in three for ${hours} h are one cluster again, and alike, when the network is`, () => {
  const c = cluster(5);
  for (const key of keys) c.put('n1', key, 'before').expect('ok');
  const majority = ['n1', 'n2', 'n3'];
  c.cutBetween(majority, ['n4', 'n5']).cutBetween(['n4'], ['n5']);
  const writable = keys.filter(
    (key) => c.replicasOf(key).filter((name) => majority.includes(name)).length > 1,
  );
  const last = new Map<string, number | null>();
  for (let round = 0; round < hours * roundsAnHour; round++) {
    c.run(roundMs);
    writable.forEach((key, index) => {
      const deletes = (round + index) % 4 === 0;
      const by = majority[(round + index) % majority.length]!;
      if (deletes) c.del(by, key).expect('ok');
      else c.put(by, key, round).expect('ok');
      last.set(key, deletes ? null : round);
    });
    c.put('n4', writable[0]!, 'alone').expectOneOf('failed', 'unknown');
  }

  c.heal().untilAcquainted().untilNormal().expectConverged();
  const members = c.ringDoc().members.map(({ nodeId, status }) => `${nodeId} ${status}`);
  expect(members).toEqual(c.names.map((name) => `${name} normal`));
  for (const [key, value] of last) {
    for (const name of c.names) {
      const read = c.expectRead(name, key);
      if (value === null) read.toBeNotFound();
      else read.toBe(value);
    }
  }
});
