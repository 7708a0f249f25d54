import { parseAddress } from '@starling/core/base/ids.ts';
import { crc32c } from '@starling/core/codec/crc32c.ts';
import { ByteWriter } from '@starling/core/codec/writer.ts';
import { encodePacket } from '@starling/core/membership/packet-codec.ts';
import { expect, test } from 'vitest';
import { type Cluster, cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';
import { Prng } from '../sim/prng.ts';

function deaths(c: Cluster): string[] {
  return c.verdicts
    .filter(({ status }) => status === 'dead')
    .map(({ by, of }) => `${by} holds ${of} for dead`);
}

test('a node whose event loop is busy is not declared dead, and accuses nobody', () => {
  const c = cluster(5);
  for (let round = 0; round < 20; round++) {
    c.pause('n3').run(1500);
    c.resume('n3').run(500);
  }
  expect(deaths(c)).toEqual([]);
  c.untilAcquainted();
});

test('a node that wakes from a long pause takes nobody for dead because of its own silence', () => {
  const c = cluster(3);
  c.pause('n1').run(seconds(60));
  expect(c.node('n2').memberStatus('n1')).toBe('dead');
  c.resume('n1').run(seconds(5)).untilAcquainted();
  expect(deaths(c).filter((death) => death.startsWith('n1'))).toEqual([]);
  c.put('n1', 'k', 1).expect('ok');
});

test('a partition heals by itself however long it lasted', () => {
  const c = cluster(3);
  c.cut('n3').run(seconds(3600));
  c.put('n1', 'k', 1).expect('ok');
  c.heal().untilAcquainted();
  c.expectRead('n3', 'k').toBe(1);
  c.expectConverged();
});

test('a link that is open one way only does not split the membership', () => {
  const c = cluster(4);
  c.cutOneWay('n1', 'n2').run(seconds(60));
  for (const name of c.names)
    c.node(name).expectMembers({ n1: 'alive', n2: 'alive', n3: 'alive', n4: 'alive' });
});

test('no member exists that no process has claimed', () => {
  const c = cluster(3);
  const nobody = parseAddress('10.9.9.9:7000')!;
  const n4 = c.join([nobody, parseAddress('10.0.0.1:7000')!]);
  c.untilNormal();
  c.run(seconds(60));
  const everybody = { n1: 'alive', n2: 'alive', n3: 'alive', [n4]: 'alive' } as const;
  for (const name of c.names) c.node(name).expectMembers(everybody);
});

test('nodes are found again under the addresses they come back with', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  c.stop('n3').restartAt('n3', '10.1.0.3:7000').untilAcquainted();
  c.put('n3', 'k', 2, { level: 'all' }).expect('ok');
  c.stop('n2').restartAt('n2', '10.1.0.2:7000').untilAcquainted();
  c.stop('n1').restartAt('n1', '10.1.0.1:7000').untilAcquainted();
  c.expectRead('n1', 'k', { level: 'all' }).toBe(2);
});

test('garbage where a frame or a packet should be wedges nobody', () => {
  const c = cluster(3);
  const random = new Prng(679);
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, () => random.below(256));
    c.sendBytes('n3', 'n1', bytes).sendDatagram('n3', 'n1', bytes).run(5);
  }
  c.run(seconds(5)).untilAcquainted();
  c.put('n3', 'k', 1, { level: 'all' }).expect('ok');
  c.expectRead('n1', 'k').toBe(1);
});

test('a damaged word about a member, heard before its own, makes it leave nobody', () => {
  const c = cluster(3);
  const [teller, subject] = ['n2', 'n3'].map((name) => c.node(name).member(name)!);
  c.powerCut('n1').cut('n1').restart('n1').run(100).heal();
  const instanceId = 'ffffffffffffffff';
  const claim = { ...subject!, instanceId, factsVersion: 0 };
  const sender = { sender: teller!.nodeId, instanceId: teller!.instanceId };
  const forged = encodePacket({
    kind: 'gossip',
    ...sender,
    cluster: subject!.facts.clusterId,
    view: 0,
    updates: [{ claim, status: 'alive', by: claim.nodeId }],
  });
  c.sendDatagram('n2', 'n1', forged).run(5);
  expect(c.node('n1').member('n3')?.instanceId).toBe(instanceId);
  c.run(seconds(90)).untilAcquainted();
  for (const name of c.names) c.node(name).expectMembers({ n1: 'alive', n2: 'alive', n3: 'alive' });
});

test('a message of an unknown kind is passed over and the connection goes on', () => {
  const c = cluster(3);
  c.sendBytes('n2', 'n1', frameOfKind(9999)).run(100);
  c.put('n2', 'k', 1, { level: 'all' }).expect('ok');
});

test('answers nobody asked for are ignored', () => {
  const c = cluster(3);
  for (let rpc = 0; rpc < 50; rpc++)
    c.sendMessage('n2', 'n1', { kind: 'storeReply', rpc, result: 'ok', epoch: 99 }).run(1);
  c.run(seconds(5));
  c.put('n1', 'k', 1, { level: 'all' }).expect('ok');
  c.expectRead('n2', 'k').toBe(1);
});

/** A frame that is whole, with one message of a kind this release does not know. */
function frameOfKind(kind: number): Uint8Array {
  const message = new ByteWriter();
  message.varint(kind);
  message.text('from a later release');
  const body = message.finish();
  const frame = new ByteWriter();
  frame.u8(1);
  frame.u32(1);
  frame.varint(0);
  frame.u32(body.length);
  frame.raw(body);
  frame.u32(crc32c(frame.view()));
  return frame.finish();
}
