import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { limits } from '../base/limits.ts';
import type { MemberStatus, SwimPacket } from './packet.ts';
import { about, gossipOf } from './test-forgery.ts';
import { address, nodeId } from './test-names.ts';
import type { Process } from './test-process.ts';
import { anyPacket, anyState } from './test-states.ts';
import { SwimWorld } from './test-world.ts';

/** Hours of virtual time take seconds of a busy machine's. */
vi.setConfig({ testTimeout: 60_000 });

const accuser = nodeId('somebody');

describe('a refutation', () => {
  test.each<[MemberStatus, number]>([
    ['suspect', 1],
    ['dead', 1],
    ['left', 1],
    ['suspect', 1_000_000_000],
    ['dead', 1_000_000_000],
    ['left', 1_000_000_000],
    ['dead', limits.incarnationLeapMax],
  ])('wins against a forged %s whose incarnation is %i too high', (status, above) => {
    const world = new SwimWorld(1);
    const processes = world.settledCluster(5);
    const victim = processes[2]!;
    const before = victim.swim.member(victim.name)!.incarnation;
    const forged = gossipOf(processes[1]!, [about(victim, { status, by: accuser }, before + above)]);
    for (const target of [processes[0]!, victim, processes[4]!])
      world.inject(target, processes[1]!.address, forged);
    expect(world.runUntil(() => world.isSettled(), 10_000)).not.toBeNull();
    expect(processes[0]!.swim.member(victim.name)!.incarnation).toBeGreaterThan(before + above);
    world.run(60_000);
    expect(world.isSettled()).toBe(true);
  });

  test('is spread by those who hear what has been refuted', () => {
    const world = new SwimWorld(2);
    const processes = world.settledCluster(5);
    const [judge, victim] = processes;
    const old = about(victim!, { status: 'dead', by: accuser });
    world.inject(victim!, judge!.address, gossipOf(judge!, [old]));
    world.run(30_000);
    // Long after that news has run dry, somebody that missed it is put right by whomever it tells.
    const from = processes[3]!;
    let corrected = false;
    world.filter = (sender, to, { packet }) => {
      corrected ||=
        sender === judge && to === from && packet.updates.some(({ claim }) => claim.nodeId === victim!.name);
      return true;
    };
    world.inject(judge!, from.address, gossipOf(from, [old]));
    world.run(50);
    expect(corrected).toBe(true);
    expect(judge!.status(victim!.name)).toBe('alive');
  });

  test('a lone forged death never kills at once', () => {
    const world = new SwimWorld(3);
    const processes = world.settledCluster(5);
    const [first, victim] = processes;
    world.inject(
      first!,
      first!.address,
      gossipOf(processes[2]!, [about(victim!, { status: 'dead', by: accuser })]),
    );
    expect(first!.status(victim!.name)).toBe('suspect');
    world.run(10_000);
    expect(world.isSettled()).toBe(true);
    const died = processes.some(({ changes }) => changes.some(({ member }) => member.status === 'dead'));
    expect(died).toBe(false);
  });
});

describe('a suspicion', () => {
  test('is confirmed and its facts brought up to date by one state', () => {
    const world = new SwimWorld(9);
    const [first, victim, third] = world.settledCluster(5);
    const suspect = about(victim!, { status: 'suspect', by: third!.name });
    world.inject(first!, third!.address, gossipOf(third!, [suspect]));
    const facts = { ...suspect.claim.facts, ringEpoch: 5 };
    const newer = { ...suspect, claim: { ...suspect.claim, facts, factsVersion: 1 }, by: accuser };
    world.inject(first!, third!.address, gossipOf(third!, [newer]));
    expect(first!.swim.member(victim!.name)).toMatchObject({ status: 'suspect', facts: { ringEpoch: 5 } });
  });
});

describe('an incarnation', () => {
  test('far above what can be honest is ignored and reported, about others and oneself', () => {
    const world = new SwimWorld(4);
    const [first, victim] = world.settledCluster(3);
    for (const status of ['alive', 'suspect', 'dead', 'left'] as const) {
      for (const incarnation of [Number.MAX_SAFE_INTEGER, 2 ** 45]) {
        const by = status === 'alive' ? victim!.name : accuser;
        const forged = gossipOf(first!, [about(victim!, { status, by }, incarnation)]);
        world.inject(victim!, first!.address, forged);
        world.inject(first!, victim!.address, gossipOf(victim!, forged.updates));
      }
    }
    world.run(10_000);
    expect(world.isSettled()).toBe(true);
    expect(first!.swim.member(victim!.name)!.incarnation).toBe(2 ** 20);
    expect(first!.noticed('implausibleIncarnation') && victim!.noticed('implausibleIncarnation')).toBe(true);
  });

  test('may leap to the bound and no further (limits.incarnationLeapMax)', () => {
    const world = new SwimWorld(4);
    const [first, victim] = world.settledCluster(3);
    const known = first!.swim.member(victim!.name)!.incarnation;
    const leapTo = (incarnation: number) => {
      const own = { status: 'alive', by: victim!.name } as const;
      world.inject(first!, victim!.address, gossipOf(victim!, [about(victim!, own, incarnation)]));
      return first!.swim.member(victim!.name)!.incarnation;
    };
    expect(leapTo(known + limits.incarnationLeapMax + 1)).toBe(known);
    expect(first!.noticed('implausibleIncarnation')).toBe(true);
    expect(leapTo(known + limits.incarnationLeapMax)).toBe(known + limits.incarnationLeapMax);
  });

  test('at its end is said, and changes nothing any more', () => {
    const world = new SwimWorld(5);
    const birth = { limits: { incarnationLeapMax: Number.MAX_SAFE_INTEGER } };
    const [first, victim] = world.settledCluster(2, birth);
    const top = about(victim!, { status: 'suspect', by: accuser }, Number.MAX_SAFE_INTEGER);
    world.inject(victim!, first!.address, gossipOf(first!, [top]));
    expect(victim!.noticed('incarnationExhausted')).toBe(true);
    expect(victim!.swim.member(victim!.name)).toMatchObject({ status: 'alive', incarnation: 2 ** 20 });
    const below = about(victim!, { status: 'suspect', by: accuser }, Number.MAX_SAFE_INTEGER - 1);
    world.inject(victim!, first!.address, gossipOf(first!, [below]));
    expect(victim!.swim.member(victim!.name)!.incarnation).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('no state regresses', () => {
  test('by replayed, reordered and duplicated packets of the whole history', () => {
    const world = new SwimWorld(6, { duplicate: 0.3, delayMsMean: 20 });
    const processes = world.settledCluster(4);
    const history: { to: Process; from: Process; packet: SwimPacket; via: 'udp' | 'tcp' }[] = [];
    world.filter = (from, to, { packet, via }) => {
      if (history.length < 20_000) history.push({ to, from, packet, via });
      return true;
    };
    // A history with everything in it: a death, a return elsewhere, a leave, a return, new facts.
    world.crash(processes[3]!);
    world.run(30_000);
    const reborn = world.restart(processes[3]!, { address: world.freshAddress() });
    world.act(processes[2]!, (swim) => swim.leave());
    world.run(10_000);
    world.act(processes[2]!, (swim) => swim.join([]));
    const facts = { clusterId: '', ringEpoch: 9, version: '2.0.0', zone: 'b', state: 'normal' };
    world.act(processes[1]!, (swim) => swim.updateFacts(facts));
    world.run(30_000);
    expect(world.isSettled()).toBe(true);
    const before = processes[0]!.swim.members();
    const order = fc.sample(fc.shuffledSubarray(history, { minLength: history.length }), {
      numRuns: 1,
      seed: 42,
    })[0]!;
    for (const { to, from, packet, via } of order) {
      const target = to === processes[3] ? reborn : to;
      world.inject(target, from.address, packet, via);
      const now = target.swim.members();
      for (const known of before) {
        const member = now.find(({ nodeId: id }) => id === known.nodeId)!;
        expect(member.incarnation).toBeGreaterThanOrEqual(known.incarnation);
        expect(member.facts.ringEpoch).toBeGreaterThanOrEqual(known.facts.ringEpoch);
        expect(member.status).toBe('alive');
      }
    }
    world.run(10_000);
    expect(processes[0]!.swim.members()).toEqual(before);
  });

  test('and a member that has left stays away, whatever stale gossip says', () => {
    const world = new SwimWorld(7);
    const processes = world.settledCluster(3);
    const [first, , leaver] = processes;
    const stale = gossipOf(processes[1]!, [about(leaver!, {})]);
    const staleDeath = gossipOf(processes[1]!, [about(leaver!, { status: 'dead', by: accuser })]);
    world.act(leaver!, (swim) => swim.leave());
    world.run(2_000);
    world.crash(leaver!);
    for (const packet of [stale, staleDeath, stale]) {
      world.inject(first!, processes[1]!.address, packet);
      world.run(1_000);
      expect(first!.status(leaver!.name)).toBe('left');
    }
  });
});

describe('phantoms', () => {
  test('do not arise from seeds, peers, pings, acks, accusers or requests about nobody', () => {
    const world = new SwimWorld(8);
    const processes = world.settledCluster(3);
    const [first, second] = processes;
    const ghost = nodeId('ghost');
    const header = { sender: ghost, instanceId: '00000000000000aa', cluster: '', view: 0, updates: [] };
    const from = address('192.0.2.1:9');
    world.inject(first!, from, {
      kind: 'ping',
      seq: 1,
      target: first!.name,
      targetInstance: '0'.repeat(16),
      ...header,
    });
    world.inject(first!, from, { kind: 'ack', seq: 1, subject: ghost, ...header });
    world.inject(first!, from, {
      kind: 'pingRequest',
      seq: 1,
      target: ghost,
      targetInstance: header.instanceId,
      ...header,
    });
    world.inject(first!, from, { kind: 'nack', seq: 1, ...header });
    world.inject(first!, from, { kind: 'gossip', ...header });
    world.inject(first!, from, { kind: 'sync', phase: 'answer', seq: 1, ...header }, 'tcp');
    world.inject(first!, from, { kind: 'refuse', reason: 'nodeIdInUse', seq: 1, ...header }, 'tcp');
    world.inject(
      first!,
      second!.address,
      gossipOf(second!, [about(second!, { status: 'suspect', by: ghost })]),
    );
    world.act(first!, (swim) => swim.join([address('192.0.2.2:9')]));
    world.act(first!, (swim) => swim.hasten(ghost));
    world.run(600_000);
    expect(world.isSettled()).toBe(true);
    for (const { swim } of processes) expect(swim.addressOf(ghost)).toBeNull();
  });
});

describe('the machine', () => {
  test('survives any packets, and a healthy cluster comes through them', () => {
    const names = ['node-1', 'node-2', 'node-3'];
    const nasty = fc.record({
      packet: anyPacket,
      updates: fc.array(
        fc.constantFrom(...names).chain((name) => anyState({ nodeId: name })),
        { maxLength: 3 },
      ),
      target: fc.nat(2),
      via: fc.constantFrom('udp' as const, 'tcp' as const),
      pauseMs: fc.nat(500),
    });
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 1, maxLength: 30 }), fc.nat(), (attack, seed) => {
        const world = new SwimWorld(seed);
        const processes = world.settledCluster(3, { facts: { clusterId: '00000000000000c1' } });
        for (const { packet, updates, target, via, pauseMs } of attack) {
          const victim = processes[target]!;
          world.inject(
            victim,
            address('192.0.2.7:7'),
            { ...packet, cluster: '', view: 0, updates: [...packet.updates, ...updates] },
            via,
          );
          world.run(pauseMs);
        }
        world.run(60_000);
        for (const { swim } of processes) {
          for (const { name } of processes) expect(swim.member(name)?.status).toBe('alive');
        }
      }),
      { numRuns: 50 },
    );
  });
});
