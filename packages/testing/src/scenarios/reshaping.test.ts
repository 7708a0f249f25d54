import type { NodeId } from '@starling/core/base/ids.ts';
import type { RingAim } from '@starling/core/ring/ring-operation.ts';
import { expect, test } from 'vitest';
import { type Cluster, cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
const id = (name: string) => name as NodeId;

function writeAll(c: Cluster, value: number, through: readonly string[] = ['n1', 'n2', 'n3']): void {
  for (const [index, key] of keys.entries()) c.put(through[index % through.length]!, key, value).expect('ok');
}

/** Each key on exactly so many of the running nodes: those the ring names. */
function expectOnOwnersOnly(c: Cluster, copies = 3): void {
  const running = c.names.filter((name) => c.node(name).isUp);
  for (const key of keys) {
    const holders = running.filter((name) => c.node(name).record(key) !== null);
    expect(holders).toEqual(c.replicasOf(key).sort());
    expect(holders).toHaveLength(copies);
  }
}

function untilDead(c: Cluster, name: string): void {
  c.until(`${name} is known to be dead`, () =>
    c.names.every(
      (other) => other === name || !c.node(other).isUp || c.node(other).memberStatus(name) === 'dead',
    ),
  );
}

function done(c: Cluster, name: string): Cluster {
  return c.until(`${name} is done`, () => c.stateOf(name) === 'done');
}

test('a node that is dead for good is removed, and every key has three replicas again', () => {
  const c = cluster(5);
  writeAll(c, 1);
  const asked = (force: boolean) =>
    c.command('n1', {
      kind: 'begin',
      id: 'gone',
      aim: { kind: 'remove', nodeId: id('n4') },
      plan: '',
      force,
    });
  expect(asked(false)).toBe('nodeAlive');
  c.powerCut('n4');
  untilDead(c, 'n4');
  writeAll(c, 2);
  expect(asked(false)).toBe('granted');
  done(c, 'gone').untilNormal('n1', 'n2', 'n3', 'n5');
  c.until('all copies are where they belong', () =>
    keys.every((key) => c.replicasOf(key).every((name) => c.node(name).record(key) !== null)),
  );
  for (const key of keys) {
    expect(c.replicasOf(key)).not.toContain('n4');
    c.expectRead('n5', key).toBe(2);
  }
});

test('a removed node that was not dead at all hands over what only it has, and stays out', () => {
  const c = cluster(5);
  c.cut('n4');
  const mine = keys.filter((key) => c.replicasOf(key).includes('n4'));
  for (const key of mine) c.put('n4', key, 1, { level: 'one' }).expect('ok');
  c.until('n4 is known to be dead', () => c.node('n1').memberStatus('n4') === 'dead');
  c.begin('n1', 'gone', { kind: 'remove', nodeId: id('n4') });
  done(c, 'gone').heal();
  c.until('n4 has left', () => c.node('n4').state === 'left');
  for (const key of mine) for (const name of c.replicasOf(key)) c.node(name).expectHolds(key, 1);
  c.expectConverged();
});

test('a node that has left takes the place of a dead one, with all its tokens', () => {
  const c = cluster(5);
  writeAll(c, 1);
  c.begin('n1', 'leave', { kind: 'drain', nodeId: id('n5') });
  c.until('n5 has left', () => c.node('n5').state === 'left');
  const before = keys.map((key) => c.replicasOf(key));
  c.powerCut('n4');
  untilDead(c, 'n4');
  writeAll(c, 2);
  c.begin('n2', 'heir', { kind: 'replace', nodeId: id('n4'), by: id('n5'), zone: 'z0' });
  const hints = c.hold('store');
  done(c, 'heir');
  expect(keys.map((key) => c.replicasOf(key))).toEqual(
    before.map((list) => list.map((name) => (name === 'n4' ? 'n5' : name))),
  );
  const taken = keys.filter((key) => c.replicasOf(key).includes('n5'));
  expect(taken.length).toBeGreaterThan(0);
  for (const key of taken) c.node('n5').expectHolds(key, 2);
  hints.drop();
  for (const key of keys) c.expectRead('n5', key).toBe(2);
});

test('a member gets another weight, heavier and lighter again, while writes go on', () => {
  const c = cluster(5);
  writeAll(c, 0);
  for (const [round, weight] of [3, 1].entries()) {
    const name = `weight-${weight}`;
    const pages = c.hold('pullReply');
    c.begin('n1', name, { kind: 'reshape', nodeId: id('n2'), zone: 'z0', weight });
    c.until('arcs are on their way', () => pages.count > 0);
    writeAll(c, round + 1);
    pages.release();
    done(c, name).untilNormal().expectConverged();
    expect(c.ringDoc().members.find(({ nodeId }) => nodeId === 'n2')).toMatchObject({ weight });
    expectOnOwnersOnly(c);
    for (const key of keys) c.expectRead('n4', key).toBe(round + 1);
  }
});

test('a member moves to another zone, and replicas spread over both', () => {
  const c = cluster(5);
  writeAll(c, 1);
  c.begin('n1', 'zone', { kind: 'reshape', nodeId: id('n2'), zone: 'far', weight: 1 });
  done(c, 'zone').untilNormal().expectConverged();
  for (const key of keys) expect(c.replicasOf(key)).toContain('n2');
  expectOnOwnersOnly(c);
  for (const key of keys) c.expectRead('n3', key).toBe(1);
});

test('every key gets another number of replicas, more and fewer, and no acknowledged write is lost', () => {
  const c = cluster(5);
  let value = 0;
  for (const replicas of [5, 3, 1, 3, 2]) {
    writeAll(c, ++value);
    const name = `n-${value}`;
    const pages = c.hold('pullReply');
    c.begin('n1', name, { kind: 'replicas', replicas });
    c.run(seconds(1));
    writeAll(c, ++value);
    pages.release();
    done(c, name).untilNormal().expectConverged();
    expectOnOwnersOnly(c, replicas);
    for (const key of keys) c.expectRead('n4', key).toBe(value);
  }
});

test('a write that two of five replicas have missed is read when N is three', () => {
  const c = cluster(5, { replicas: 5 });
  const key = keys[0]!;
  const [first, second, third, fourth, fifth] = c.replicasOf(key) as [string, string, string, string, string];
  c.cutBetween([fourth, fifth, third], [first, second]).run(seconds(20));
  // On the last three alone, of which two are no replicas any more when N is three.
  c.put(third, key, 1).expect('ok');
  const hints = c.hold('store');
  c.heal();
  c.begin('n1', 'fewer', { kind: 'replicas', replicas: 3 } satisfies RingAim);
  done(c, 'fewer');
  hints.drop();
  c.expectRead(first, key).toBe(1);
  c.expectRead(second, key).toBe(1);
});
