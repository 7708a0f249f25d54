import { expect, test } from 'vitest';
import { judged } from '../scenario/judged-cluster.ts';
import { seconds } from '../scenario/story.ts';

const contested = { contested: true };

test('a conflict is listed through every node from the quorum that holds it until it is settled', () => {
  const c = judged(3, { causalKeys: 2 });
  c.put('n1', 'c/1', 1).expect('ok');
  expect(c.list('n1', '', contested).keys).toEqual([]);
  c.put('n1', 'c/0', 2, { seen: 'nothing' }).expect('ok');
  c.put('n2', 'c/0', 3, { seen: 'nothing' }).expect('ok');
  for (const node of c.names) expect(c.list(node, '', contested).keys).toEqual(['c/0']);
  expect(c.list('n1', 'c/1', contested).keys).toEqual([]);

  c.put('n3', 'c/0', 4, { seen: c.get('n3', 'c/0').expect('ok') }).expect('ok');
  c.run(seconds(5));
  for (const node of c.names) expect(c.list(node, '', contested).keys).toEqual([]);
  c.judge();
});

test('a conflict found by a replica that was away is on its disk when it is back, and outlives a restart', () => {
  const c = judged(3, { causalKeys: 1 });
  c.put('n1', 'c/0', 1, { seen: 'nothing' }).expect('ok');
  c.run(seconds(1)).cut('n3');
  c.put('n1', 'c/0', 2, { seen: 'nothing' }).expect('ok');
  expect(c.node('n3').conflicts).toEqual([]);
  c.heal();
  c.until('n3 has both', () => c.node('n3').conflicts.length > 0);
  c.powerCut('n3').restart('n3').untilNormal();
  expect(c.node('n3').conflicts).toEqual(['c/0']);
  c.judge();
});

test('a value that a delete hides, which did not know of it, is a conflict', () => {
  const c = judged(3, { causalKeys: 1 });
  const stores = c.hold('store', 'n1');
  const put = c.put('n1', 'c/0', 1);
  c.until('n1 has it', () => c.node('n1').record('c/0') !== null);
  c.cut('n1');
  c.del('n2', 'c/0').expect('ok');
  stores.drop();
  put.expectOneOf('unknown', 'ok');
  c.heal();
  c.until('all know of both', () => c.names.every((name) => c.node(name).conflicts.length > 0));
  expect(c.list('n3', '', contested).keys).toEqual(['c/0']);
  c.judge();
});

test('the log tells who went, what was found and what was settled, and outlives a power cut', () => {
  const c = judged(3, { causalKeys: 1 });
  c.kill('n3').until('n1 holds it for dead', () => c.node('n1').memberStatus('n3') === 'dead');
  c.put('n1', 'c/0', 1, { seen: 'nothing' }).expect('ok');
  c.put('n2', 'c/0', 2, { seen: 'nothing' }).expect('ok');
  c.put('n1', 'c/0', 3, { seen: c.get('n1', 'c/0').expect('ok') }).expect('ok');
  c.run(seconds(1));
  const { events } = c.node('n1');
  expect(events.slice(events.indexOf('n3 suspect'))).toEqual([
    'n3 suspect',
    'n3 dead',
    'c/0 found',
    'c/0 settled',
  ]);
  c.powerCut('n1').restart('n1', 'n3').untilNormal();
  expect(c.node('n1').events.slice(0, events.length)).toEqual(events);
  c.judge();
});

test('the log goes on behind itself when a node comes back with its clock set back', () => {
  const c = judged(3, { causalKeys: 1 });
  c.put('n1', 'c/0', 1, { seen: 'nothing' }).expect('ok');
  c.put('n1', 'c/0', 2, { seen: 'nothing' }).expect('ok');
  c.run(seconds(1));
  const { events } = c.node('n1');
  expect(events.at(-1)).toBe('c/0 found');
  c.kill('n1').jumpClock('n1', -seconds(3600)).restart('n1').untilNormal();
  c.put('n1', 'c/0', 3, { seen: c.get('n1', 'c/0').expect('ok') }).expect('ok');
  c.run(seconds(1));
  const later = c.node('n1').events;
  expect(later.slice(0, events.length)).toEqual(events);
  expect(later.at(-1)).toBe('c/0 settled');
});
