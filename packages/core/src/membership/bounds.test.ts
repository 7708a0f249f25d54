import { describe, expect, test, vi } from 'vitest';
import { limits } from '../base/limits.ts';
import type { Ping, SwimPacket } from './packet.ts';
import { encodePacket } from './packet-codec.ts';
import { address, nodeId } from './test-names.ts';
import type { Process } from './test-process.ts';
import { SwimWorld } from './test-world.ts';

/** Hours of virtual time take seconds of a busy machine's. */
vi.setConfig({ testTimeout: 60_000 });

/** All packets that processes send from now on. */
function watch(world: SwimWorld): { from: Process; packet: SwimPacket; via: 'udp' | 'tcp' }[] {
  const sent: { from: Process; packet: SwimPacket; via: 'udp' | 'tcp' }[] = [];
  const post = world.post.bind(world);
  world.post = (from, to, via, packet) => {
    sent.push({ from, packet, via });
    post(from, to, via, packet);
  };
  return sent;
}

describe('members', () => {
  const birth = { limits: { membersMax: 3 } };

  test('over their bound are refused, and both sides say so (limits.membersMax)', () => {
    const world = new SwimWorld(1);
    const [first] = world.settledCluster(3, birth);
    const late = world.boot('late', { ...birth, seeds: [first!.address] });
    world.run(60_000);
    expect(first!.swim.members().length).toBe(3);
    expect(late.swim.members().length).toBe(1);
    expect(first!.notices).toContainEqual({ type: 'membersFull', nodeId: 'late' });
    expect(late.notices).toContainEqual({
      type: 'refused',
      reason: 'membersFull',
      by: first!.address,
      holder: null,
    });
  });

  test('that have left make room first, then those dead longest', () => {
    const world = new SwimWorld(2);
    const [first, second, third, fourth] = world.settledCluster(4, { limits: { membersMax: 4 } });
    world.crash(second!);
    world.run(10_000);
    world.crash(third!);
    world.run(10_000);
    world.act(fourth!, (swim) => swim.leave());
    world.run(2_000);
    world.crash(fourth!);
    const names = () => first!.swim.members().map(({ nodeId: id }) => id as string);
    const kept: string[][] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      world.boot(name, { limits: { membersMax: 4 }, seeds: [first!.address] });
      world.run(2_000);
      kept.push(names());
    }
    expect(kept).toEqual([
      ['a', 'node-1', 'node-2', 'node-3'],
      ['a', 'b', 'node-1', 'node-3'],
      ['a', 'b', 'c', 'node-1'],
      ['a', 'b', 'c', 'node-1'],
    ]);
    expect(first!.noticed('membersFull')).toBe(true);
  });
});

describe('packets', () => {
  test('stay within a datagram when forty nodes with long facts change at once (limits.udpPacketBytesMax, limits.udpSealBytes)', () => {
    const world = new SwimWorld(3);
    const facts = { zone: 'z'.repeat(200), version: 'v'.repeat(200) };
    const sent = watch(world);
    const processes = world.settledCluster(40, { facts });
    for (const { name, swim } of processes) {
      const state = swim.member(name)!.facts;
      world.act(world.processes.get(name)!, () => swim.updateFacts({ ...state, state: 's'.repeat(100) }));
    }
    world.run(10_000);
    const datagrams = sent
      .filter(({ via }) => via === 'udp')
      .map(({ packet }) => encodePacket(packet).length);
    expect(Math.max(...datagrams)).toBeLessThanOrEqual(limits.udpPacketBytesMax - limits.udpSealBytes);
    expect(Math.max(...datagrams)).toBeGreaterThan(900);
    const known = processes.every(({ swim }) =>
      swim.members().every(({ facts: all }) => all.state.length === 100),
    );
    expect(known).toBe(true);
  });

  test('of push/pull hold at most so many states, and a large cluster still agrees (limits.swimSyncStatesMax)', () => {
    const world = new SwimWorld(4);
    const sent = watch(world);
    world.settledCluster(12, { limits: { swimSyncStatesMax: 4 } });
    world.run(120_000);
    const sizes = sent
      .filter(({ packet }) => packet.kind === 'sync')
      .map(({ packet }) => packet.updates.length);
    expect(Math.max(...sizes)).toBe(4);
    expect(world.isSettled()).toBe(true);
  });

  test('of push/pull hold at most so many bytes (limits.swimSyncBytesMax)', () => {
    const world = new SwimWorld(5);
    const sent = watch(world);
    world.settledCluster(12, { limits: { swimSyncBytesMax: 600 } });
    world.run(120_000);
    const syncs = sent
      .filter(({ packet }) => packet.kind === 'sync')
      .map(({ packet }) => encodePacket(packet).length);
    expect(Math.max(...syncs)).toBeLessThanOrEqual(600);
    expect(world.isSettled()).toBe(true);
  });

  test('of push/pull may hold the largest states of all members (limits.swimSyncStatesMax, limits.swimSyncBytesMax)', () => {
    const largestState = 65 + 8 + 262 + 8 + 8 + 9 + 8 + 3 * 2 + limits.factsBytesMax + 1 + 65;
    expect(limits.swimSyncStatesMax * largestState).toBeLessThan(limits.swimSyncBytesMax);
    expect(limits.membersMax).toBeLessThanOrEqual(limits.swimSyncStatesMax);
  });
});

describe('work for others', () => {
  test('answers to push/pull are limited per second, and go on in the next (limits.swimSyncAnswersPerSecondMax)', () => {
    const world = new SwimWorld(6);
    const [first] = world.settledCluster(2, { limits: { swimSyncAnswersPerSecondMax: 3 } });
    const sent = watch(world);
    const ask = (seq: number): SwimPacket => {
      const sender = nodeId(`asker-${seq}`);
      return {
        kind: 'sync',
        phase: 'ask',
        seq,
        sender,
        instanceId: '0'.repeat(16),
        cluster: '',
        view: 0,
        updates: [],
      };
    };
    const flood = () => {
      for (let seq = 1; seq <= 10; seq++) world.inject(first!, address('192.0.2.1:1'), ask(seq), 'tcp');
      return sent.filter(({ packet }) => packet.kind === 'sync' && packet.phase === 'answer').length;
    };
    expect(flood()).toBe(3);
    world.run(1_000);
    expect(flood()).toBeGreaterThanOrEqual(6);
  });

  test('probes for others are limited; over it the asker is told at once that nothing comes (limits.swimRelaysMax)', () => {
    const world = new SwimWorld(7);
    const [helper, target, asker] = world.settledCluster(3, { limits: { swimRelaysMax: 2 } });
    world.pause(target!);
    const sent = watch(world);
    const { name: sender, instanceId } = asker!;
    for (let seq = 1; seq <= 5; seq++) {
      const request = {
        kind: 'pingRequest',
        seq,
        target: target!.name,
        targetInstance: target!.instanceId,
        sender,
        instanceId,
        cluster: '',
        view: 0,
        updates: [],
      } as const;
      world.inject(helper!, asker!.address, request);
    }
    const kinds = sent.flatMap(({ from, packet }) =>
      from === helper && packet.kind !== 'sync' ? [packet.kind] : [],
    );
    expect(kinds).toEqual(['ping', 'ping', 'nack', 'nack', 'nack']);
  });

  test('a helper passes the answer on, and a nack before it if it takes long', () => {
    const world = new SwimWorld(8);
    const [helper, target, asker] = world.settledCluster(3);
    target!.slowMs = 90;
    const sent = watch(world);
    const { name: sender, instanceId } = asker!;
    const request = {
      kind: 'pingRequest',
      seq: 77,
      target: target!.name,
      targetInstance: target!.instanceId,
      sender,
      instanceId,
      cluster: '',
      view: 0,
      updates: [],
    } as const;
    world.inject(helper!, asker!.address, request);
    world.run(400);
    const toAsker = sent.flatMap(({ from, packet }) =>
      from === helper && 'seq' in packet && packet.seq === 77 ? [packet.kind] : [],
    );
    expect(toAsker).toEqual(['nack', 'ack']);
  });

  test('contacts are limited, seeds first, and asked a few at a time (limits.swimContactsMax, limits.swimContactsPerRoundMax)', () => {
    const world = new SwimWorld(9);
    const sent = watch(world);
    const seeds = Array.from({ length: 6 }, (_, i) => address(`192.0.2.${i + 1}:1`));
    const remembered = [{ nodeId: nodeId('old'), address: address('192.0.2.99:1') }];
    const bounds = { swimContactsMax: 5, swimContactsPerRoundMax: 2 };
    const node = world.boot('node', { seeds, remembered, limits: bounds });
    expect(sent.length).toBe(2);
    world.run(600_000);
    expect(node.swim.members().length).toBe(1);
    // Five contacts, each about every ten seconds once the pause has grown.
    expect(sent.length).toBeLessThan(5 * 90);
    expect(sent.length).toBeGreaterThan(5 * 40);
  });

  test('news is limited, and the cluster still agrees by push/pull (limits.swimRumorsMax)', () => {
    const world = new SwimWorld(10);
    const processes = world.settledCluster(8, { limits: { swimRumorsMax: 1 } });
    world.run(120_000);
    expect(processes.every(({ swim }) => swim.rumors().length <= 1)).toBe(true);
    expect(world.isSettled()).toBe(true);
  });
});

describe('the host breaks a bound', () => {
  const facts = { clusterId: '', ringEpoch: 0, version: '', zone: '', state: '' };

  test.each([
    ['facts too long', { facts: { zone: 'z'.repeat(limits.factsBytesMax + 1) } }],
    ['a cluster id that is none', { facts: { clusterId: 'main' } }],
    ['an instance id that is none', { instanceId: 'x' }],
    ['a boot counter of 0', { bootCounter: 0 }],
    ['a boot counter over 2^32 - 1', { bootCounter: 2 ** 32 }],
  ])('with %s: the machine does not start', (_, birth) => {
    expect(() => new SwimWorld(1).boot('node', birth)).toThrow();
  });

  test('later, with facts too long: the machine stops (limits.factsBytesMax)', () => {
    const world = new SwimWorld(1);
    const node = world.boot('node');
    const longest = { ...facts, zone: 'z'.repeat(limits.factsBytesMax) };
    world.act(node, (swim) => swim.updateFacts(longest));
    expect(() => node.swim.updateFacts({ ...longest, version: 'v' })).toThrow();
  });
});

test('a ping meant for another node or data directory is not answered', () => {
  const world = new SwimWorld(11);
  const [first, second] = world.settledCluster(2);
  const sent = watch(world);
  const acks = () => sent.filter(({ packet }) => packet.kind === 'ack').length;
  const header = { sender: second!.name, instanceId: second!.instanceId, cluster: '', view: 0, updates: [] };
  const ping: Ping = {
    kind: 'ping',
    seq: 5,
    target: first!.name,
    targetInstance: first!.instanceId,
    ...header,
  };
  world.inject(first!, second!.address, { ...ping, target: nodeId('other') });
  world.inject(first!, second!.address, { ...ping, targetInstance: '0'.repeat(16) });
  expect(acks()).toBe(0);
  world.inject(first!, second!.address, ping);
  expect(acks()).toBe(1);
});

test('news on its way is listed with its status and how often it was told', () => {
  const world = new SwimWorld(12);
  const processes = world.settledCluster(12);
  world.run(60_000);
  const victim = processes[4]!;
  world.crash(victim);
  world.runUntil(() => processes[0]!.status(victim.name) === 'suspect', 10_000);
  const [rumor] = processes[0]!.swim.rumors();
  expect(rumor).toMatchObject({ nodeId: victim.name, status: 'suspect', incarnation: 2 ** 20 });
  expect(rumor!.transmits).toBeLessThan(8);
  expect(processes[0]!.swim.healthScore()).toBeLessThan(8);
});
