import type { NodeId } from '@starling/core/base/ids.ts';
import { planDigest, planOperation } from '@starling/core/ring/plan-operation.ts';
import type { RingAim } from '@starling/core/ring/ring-operation.ts';
import { expect, test } from 'vitest';
import { type Cluster, cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
const drain = (name: string): RingAim => ({ kind: 'drain', nodeId: name as NodeId });

function writeAll(c: Cluster, value: number, through: readonly string[] = ['n1', 'n2', 'n3']): void {
  for (const [index, key] of keys.entries()) c.put(through[index % through.length]!, key, value).expect('ok');
}

/** Each key on exactly three nodes: those the ring names. */
function expectOnOwnersOnly(c: Cluster): void {
  for (const key of keys) {
    const holders = c.names.filter((name) => c.node(name).record(key) !== null);
    expect(holders).toEqual(c.replicasOf(key).sort());
    expect(holders).toHaveLength(3);
  }
}

test('a drained node hands all it has over while writes go on, holds nothing then, and answers by the others', () => {
  const c = cluster(5);
  writeAll(c, 0);
  const pages = c.hold('pullReply');
  c.begin('n1', 'leave', drain('n4'));
  c.until('arcs are on their way', () => pages.count > 0);
  c.until('n4 knows that it leaves', () => c.node('n4').state === 'leaving');
  writeAll(c, 1, ['n1', 'n4']);
  expect(c.stateOf('leave')).toBe('running');
  pages.release();
  c.until('n4 has left', () => c.node('n4').state === 'left');

  expect(c.stateOf('leave')).toBe('done');
  c.untilNormal().expectConverged();
  expectOnOwnersOnly(c);
  for (const key of keys) {
    c.node('n4').expectLacks(key);
    c.expectRead('n4', key).toBe(1);
  }
});

test('a drain does not end before every heir has what it takes over', () => {
  const c = cluster(5);
  writeAll(c, 1);
  const pages = c.hold('pullReply', null, 'n2');
  c.begin('n1', 'leave', drain('n4'));
  c.run(seconds(60));
  expect(c.stateOf('leave')).toBe('running');
  pages.release();
  c.until('n4 has left', () => c.node('n4').state === 'left');
  expectOnOwnersOnly(c);
});

test('a drain that is paused moves nothing more, and goes on where it stood', () => {
  const c = cluster(5);
  writeAll(c, 1);
  const pages = c.hold('pullReply');
  c.begin('n1', 'leave', drain('n4'));
  c.until('arcs are on their way', () => pages.count > 0);
  expect(c.command('n5', { kind: 'pause', id: 'leave' })).toBe('granted');
  pages.release();
  c.run(seconds(30));
  expect(c.stateOf('leave')).toBe('paused');
  c.node('n4').expectState('leaving');
  writeAll(c, 2);
  expect(c.command('n4', { kind: 'resume', id: 'leave' })).toBe('granted');
  c.until('n4 has left', () => c.node('n4').state === 'left');
  expectOnOwnersOnly(c);
});

test('a drain that is aborted leaves the ring as it was, and no copies behind', () => {
  const c = cluster(5);
  writeAll(c, 1);
  const before = keys.map((key) => c.replicasOf(key));
  const pages = c.hold('pullReply', null, 'n2');
  c.begin('n1', 'leave', drain('n4'));
  c.run(seconds(10));
  writeAll(c, 2, ['n1', 'n4']);
  expect(c.command('n2', { kind: 'abort', id: 'leave' })).toBe('granted');
  pages.drop();
  c.untilNormal().expectConverged();
  expect(keys.map((key) => c.replicasOf(key))).toEqual(before);
  expectOnOwnersOnly(c);
});

test('every node of a drain may die half way, the leaving one and its heirs, and the drain goes on when they are back', () => {
  const c = cluster(5);
  writeAll(c, 1);
  for (const victim of ['n4', 'n2', 'n1']) {
    const pages = c.hold('pullReply', null, 'n3');
    if (victim === 'n4') c.begin('n1', 'leave', drain('n4'));
    c.until('arcs are on their way', () => pages.count > 0);
    c.powerCut(victim).run(seconds(2));
    pages.drop();
    c.restart(victim);
  }
  c.until('n4 has left', () => c.node('n4').state === 'left');
  c.untilNormal().expectConverged();
  expectOnOwnersOnly(c);
});

test('a node that has left stays out when it starts again, and comes back when it is told to', () => {
  const c = cluster(4);
  writeAll(c, 1);
  c.begin('n2', 'leave', drain('n4'));
  c.until('n4 has left', () => c.node('n4').state === 'left');
  c.powerCut('n4').restart('n4').run(seconds(20)).node('n4').expectState('left');
  writeAll(c, 2);

  c.rejoin('n4');
  c.until('n4 is back', () => c.node('n4').state === 'normal');
  c.untilNormal().expectConverged();
  expectOnOwnersOnly(c);
  for (const key of keys) c.expectRead('n4', key).toBe(2);
});

test('a node that has left is let in by another, with another weight, and nobody who is not there', () => {
  const c = cluster(4);
  writeAll(c, 1);
  c.begin('n1', 'leave', drain('n4'));
  c.until('n4 has left', () => c.node('n4').state === 'left');
  const aim = (name: string): RingAim => ({ kind: 'join', nodeId: name as NodeId, zone: 'z0', weight: 2 });
  const phantom = { kind: 'begin', id: 'phantom', aim: aim('n9'), plan: '', force: true } as const;
  expect(c.command('n2', phantom)).toBe('nodeUnreachable');
  c.begin('n2', 'back', aim('n4')).untilNormal();
  expect(c.ringDoc().members.find(({ nodeId }) => nodeId === 'n4')).toMatchObject({ weight: 2 });
  c.kill('n4').restart('n4').untilNormal().expectConverged();
  expectOnOwnersOnly(c);
});

test('a write of the weakest level that only the leaving node has is with the others before it holds nothing', () => {
  const c = cluster(5);
  const stores = c.hold('store', 'n4');
  const mine = keys.filter((key) => c.replicasOf(key).includes('n4'));
  for (const key of mine) c.put('n4', key, 1, { level: 'one' }).expect('ok');
  c.begin('n1', 'leave', drain('n4'));
  c.run(seconds(5));
  stores.drop();
  c.until('n4 has left', () => c.node('n4').state === 'left');
  for (const key of mine) for (const name of c.replicasOf(key)) c.node(name).expectHolds(key, 1);
});

test('operations that are asked for at once are carried out one after the other', () => {
  const c = cluster(6);
  writeAll(c, 1);
  c.begin('n1', 'first', drain('n5')).begin('n2', 'second', drain('n6'));
  expect(['first', 'second'].map((id) => c.stateOf(id))).toEqual(['running', 'queued']);
  expect(c.command('n3', { kind: 'begin', id: 'again', aim: drain('n5'), plan: '', force: false })).toBe(
    'alreadyAsked',
  );
  c.until('both have left', () => ['n5', 'n6'].every((name) => c.node(name).state === 'left'));
  c.untilNormal().expectConverged();
  expectOnOwnersOnly(c);
});

test('a drain is refused that would leave keys with fewer replicas, or be asked of a node that does not answer', () => {
  const c = cluster(3);
  const asked = (name: string) =>
    c.command('n1', { kind: 'begin', id: `drain-${name}`, aim: drain(name), plan: '', force: false });
  expect(asked('n3')).toBe('tooFewNodes');
  expect(asked('n9')).toBe('unknownNode');
  c.begin('n1', 'forced', drain('n3'), { force: true });
  c.until('n3 has left', () => c.node('n3').state === 'left');
  writeAll(c, 1, ['n1', 'n2']);
  expect(c.replicasOf(keys[0]!).sort()).toEqual(['n1', 'n2']);
});

test('a plan is carried out as it was shown, or not at all', () => {
  const c = cluster(5);
  const shown = planOf(c, drain('n4'));
  const pages = c.hold('pullReply');
  c.begin('n1', 'other', drain('n5'));
  expect(c.command('n1', { kind: 'begin', id: 'leave', aim: drain('n4'), plan: shown, force: false })).toBe(
    'granted',
  );
  pages.release();
  c.until('it was refused', () => c.stateOf('leave') === 'refused');
  c.node('n4').expectState('normal');
  c.begin('n1', 'again', drain('n4'), { plan: planOf(c, drain('n4'), true), force: true });
  c.until('n4 has left', () => c.node('n4').state === 'left');
});

function planOf(c: Cluster, aim: RingAim, force = false): string {
  const next = planOperation(c.ringDoc(), {
    id: 'x',
    aim,
    plan: '',
    force,
    state: 'queued',
    since: 1,
    reason: '',
  });
  if (typeof next === 'string') throw new Error(next);
  return planDigest(next);
}

test('a drain that leaves two of three waits for the one that has lost its history', () => {
  const c = cluster(3);
  c.hold('store', null, 'n3');
  c.hold('tree');
  c.put('n1', 'k', 1).expect('ok');
  const pages = c.hold('pullReply', null, 'n1');
  c.kill('n1').loseStore('n1');
  c.restart('n1');
  c.begin('n3', 'leave', drain('n2'), { force: true });
  c.run(seconds(60));
  expect(c.stateOf('leave')).toBe('running');
  c.node('n1').expectState('recovering');
  pages.release();
  c.until('n2 has left', () => c.node('n2').state === 'left');
  c.expectRead('n1', 'k').toBe(1);
  c.expectRead('n3', 'k').toBe(1);
});
