import { describe, expect, test, vi } from 'vitest';
import { incarnationsPerBoot } from './own-state.ts';
import { address } from './test-names.ts';
import type { Process } from './test-process.ts';
import { SwimWorld } from './test-world.ts';

/** Hours of virtual time take seconds of a busy machine's. */
vi.setConfig({ testTimeout: 60_000 });

const minuteMs = 60_000;

function crashAndBury(world: SwimWorld, victim: Process, others: readonly Process[]): void {
  world.crash(victim);
  const buried = () => others.every((node) => node.status(victim.name) === 'dead');
  expect(world.runUntil(buried, 30_000)).not.toBeNull();
}

describe('a restarted node', () => {
  test('with a new address is re-admitted at once, though the old one still looks alive', () => {
    const world = new SwimWorld(1, { codec: true });
    const processes = world.settledCluster(3);
    world.crash(processes[2]!);
    const again = world.restart(processes[2]!, { address: world.freshAddress() });
    const moved = () =>
      processes.slice(0, 2).every(({ swim }) => swim.addressOf(again.name) === again.address);
    expect(world.runUntil(moved, 2_000)).toBeLessThan(1_000);
    world.run(minuteMs);
    expect(world.isSettled()).toBe(true);
  });

  test('with a new address is re-admitted after it was declared dead', () => {
    const world = new SwimWorld(2, { codec: true });
    const processes = world.settledCluster(3);
    crashAndBury(world, processes[2]!, processes.slice(0, 2));
    world.restart(processes[2]!, { address: world.freshAddress() });
    expect(world.runUntil(() => world.isSettled(), 2_000)).not.toBeNull();
  });

  test('starts above all that its earlier life has said, without a disk', () => {
    const world = new SwimWorld(3);
    const processes = world.settledCluster(3);
    world.crash(processes[2]!);
    const again = world.restart(processes[2]!);
    world.run(1_000);
    expect(again.swim.member(again.name)!.incarnation).toBe(2 * incarnationsPerBoot);
    expect(processes[0]!.swim.member(again.name)!.incarnation).toBe(2 * incarnationsPerBoot);
  });

  test('rises above the claims of a later life, when its data directory was restored from an older copy', () => {
    const world = new SwimWorld(4, { codec: true });
    const processes = world.settledCluster(3, { bootCounter: 9 });
    world.crash(processes[2]!);
    const again = world.restart(processes[2]!, { bootCounter: 2 });
    expect(world.runUntil(() => world.isSettled(), 5_000)).not.toBeNull();
    expect(again.swim.member(again.name)!.incarnation).toBeGreaterThan(9 * incarnationsPerBoot);
  });

  test('needs no seed: it remembers its peers, and so do all after a power cut', () => {
    const world = new SwimWorld(5, { codec: true });
    const processes = world.settledCluster(5);
    for (const process of processes) world.crash(process);
    world.run(minuteMs);
    for (const process of processes.reverse()) world.restart(process);
    expect(world.runUntil(() => world.isSettled(), 3_000)).not.toBeNull();
  });

  test('finds its peers again when one of them alone is up', () => {
    const world = new SwimWorld(6);
    const processes = world.settledCluster(5);
    for (const process of processes) world.crash(process);
    const [first, last] = [world.restart(processes[0]!), world.restart(processes[4]!)];
    world.run(60 * minuteMs);
    expect(last.status(first.name)).toBe('alive');
    // Those never met again are remembered still.
    expect(last.peers.map(({ nodeId }) => nodeId)).toEqual(['node-1', 'node-2', 'node-3', 'node-4']);
  });
});

describe('a second data directory with a node id in use', () => {
  test('is refused, learns nobody, and both sides say so', () => {
    const world = new SwimWorld(7, { codec: true });
    const processes = world.settledCluster(3);
    const [first, second, third] = processes;
    const copy = world.boot(third!.name, { seeds: [first!.address, third!.address], bootCounter: 50 });
    world.run(10 * minuteMs);
    expect(copy.swim.members().map(({ nodeId }) => nodeId)).toEqual([third!.name]);
    expect(copy.notices).toContainEqual({
      type: 'refused',
      reason: 'nodeIdInUse',
      by: first!.address,
      holder: third!.address,
    });
    expect(first!.notices).toContainEqual({
      type: 'nodeIdInUse',
      nodeId: third!.name,
      address: copy.address,
      holder: third!.address,
    });
    expect(third!.noticed('nodeIdInUse')).toBe(true);
    // The holder itself has said so: the copy asks no more, and its host may stop it.
    expect(copy.notices).toContainEqual({ type: 'nodeIdHeld', holder: third!.address });
    expect(copy.status(copy.name)).toBe('left');
    for (const node of [first!, second!]) {
      expect(node.swim.member(third!.name)).toMatchObject({ instanceId: third!.instanceId, status: 'alive' });
      expect(node.changes.some(({ member }) => member.status !== 'alive')).toBe(false);
    }
    expect(third!.swim.members().every(({ status }) => status === 'alive')).toBe(true);
  });

  test('asks on while only others say that the id is held: its holder may be dead', () => {
    const world = new SwimWorld(7, { codec: true });
    const [first, , third] = world.settledCluster(3);
    world.crash(third!);
    const wiped = world.boot(third!.name, { seeds: [first!.address] });
    world.run(minuteMs / 2);
    expect(wiped.noticed('refused')).toBe(true);
    expect(wiped.noticed('nodeIdHeld')).toBe(false);
    expect(wiped.status(wiped.name)).toBe('alive');
  });

  test('gets the id when its holder has been dead for long enough, and the holder may not return', () => {
    const world = new SwimWorld(8, { codec: true });
    const processes = world.settledCluster(3);
    const [first, second, lost] = processes;
    crashAndBury(world, lost!, [first!, second!]);
    const wiped = world.boot(lost!.name, { seeds: [first!.address] });
    world.run(40_000);
    expect(first!.swim.member(lost!.name)!.instanceId).toBe(lost!.instanceId);
    expect(world.runUntil(() => world.isSettled(), 40_000)).not.toBeNull();
    expect(second!.swim.member(lost!.name)!.instanceId).toBe(wiped.instanceId);
    const ghost = world.restart(lost!, { address: world.freshAddress() });
    world.run(10 * minuteMs);
    expect(ghost.noticed('refused')).toBe(true);
    expect(second!.swim.member(lost!.name)).toMatchObject({ instanceId: wiped.instanceId, status: 'alive' });
  });

  test('gets the id at once when its holder has left', () => {
    const world = new SwimWorld(9, { codec: true });
    const [first, second, leaver] = world.settledCluster(3);
    world.act(leaver!, (swim) => swim.leave());
    world.run(2_000);
    world.crash(leaver!);
    const heir = world.boot(leaver!.name, { seeds: [first!.address] });
    expect(world.runUntil(() => world.isSettled(), 5_000)).not.toBeNull();
    expect(second!.swim.member(heir.name)!.instanceId).toBe(heir.instanceId);
  });

  test('is called by the others when its holder has left, though it knows nobody; not if an operator said so', () => {
    for (const isForced of [false, true]) {
      const world = new SwimWorld(9, { codec: true });
      const [first, second, leaver] = world.settledCluster(3);
      if (isForced) crashAndBury(world, leaver!, [first!, second!]);
      world.act(leaver!, (swim) => swim.leave());
      if (isForced)
        for (const node of [first!, second!]) world.act(node, (swim) => swim.forceLeave(leaver!.name));
      world.run(5_000);
      world.crash(leaver!);
      const heir = world.boot(leaver!.name, { address: leaver!.address });
      const isMet = world.runUntil(() => world.isSettled(), minuteMs) !== null;
      expect(isMet).toBe(!isForced);
      expect(heir.swim.members().length).toBe(isForced ? 1 : 3);
    }
  });

  test('that was let in across a partition: when it heals one of the two leaves, and says so', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = new SwimWorld(seed, { codec: true });
      const processes = world.settledCluster(5);
      const [a, b, c, d, old] = processes;
      world.cut([old!, d!], [a!, b!, c!]);
      world.run(2 * minuteMs);
      const heir = world.boot(old!.name, { seeds: [a!.address] });
      world.cut([old!, d!], [a!, b!, c!, heir]);
      expect(
        world.runUntil(() => c!.swim.member(old!.name)?.instanceId === heir.instanceId, 30_000),
      ).not.toBeNull();
      world.heal();
      const others = [a!, b!, c!, d!];
      const agreed = () =>
        others.every(({ swim }) => {
          const member = swim.member(old!.name);
          return member?.instanceId === heir.instanceId && member.status === 'alive';
        });
      expect(world.runUntil(agreed, 5 * minuteMs), `seed ${seed}`).not.toBeNull();
      expect(old!.notices).toContainEqual({ type: 'replaced', holder: heir.address });
      expect([old!.status(old!.name), heir.status(heir.name)]).toEqual(['left', 'alive']);
      world.run(5 * minuteMs);
      expect(agreed()).toBe(true);
    }
  });
});

describe('two clusters', () => {
  const [one, other] = ['00000000000000c1', '00000000000000c2'];

  test('refuse each other both ways, and neither learns a member of the other', () => {
    const world = new SwimWorld(10, { codec: true });
    const left = world.bootCluster(3, { facts: { clusterId: one } });
    const right = [1, 2, 3].map((i) => {
      const birth = { facts: { clusterId: other }, seeds: [left[i - 1]!.address] };
      const process = world.boot(`other-${i}`, birth);
      world.run(20);
      return process;
    });
    for (const node of left) world.act(node, (swim) => swim.join(right.map(({ address }) => address)));
    for (const node of right.slice(1)) world.act(node, (swim) => swim.join([right[0]!.address]));
    world.run(10 * minuteMs);
    const names = ({ swim }: Process) => swim.members().map(({ nodeId }) => nodeId);
    for (const node of left) expect(names(node)).toEqual(['node-1', 'node-2', 'node-3']);
    for (const node of right) expect(names(node)).toEqual(['other-1', 'other-2', 'other-3']);
    for (const node of [...left, ...right]) {
      expect(node.noticed('foreignCluster')).toBe(true);
      expect(
        node.notices.some((notice) => notice.type === 'refused' && notice.reason === 'foreignCluster'),
      ).toBe(true);
    }
  });

  test('are not joined by a newcomer that has both as seeds', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new SwimWorld(seed, { codec: true });
      const left = world.boot('left', { facts: { clusterId: one } });
      const right = world.boot('right', { facts: { clusterId: other } });
      const bridge = world.boot('bridge', { seeds: [left.address, right.address] });
      world.run(5 * minuteMs);
      expect([left, right].map(({ swim }) => swim.members().length).sort()).toEqual([1, 2]);
      expect(bridge.swim.members().length).toBe(2);
    }
  });

  test('part when two strangers that had met found one each', () => {
    const world = new SwimWorld(11, { codec: true });
    const [a, b] = world.settledCluster(2);
    const facts = { ringEpoch: 1, version: '1.0.0', zone: 'a', state: 'normal' };
    world.act(a!, (swim) => swim.updateFacts({ ...facts, clusterId: one }));
    world.act(b!, (swim) => swim.updateFacts({ ...facts, clusterId: other }));
    world.run(minuteMs);
    expect([a, b].map((node) => node!.swim.members().length)).toEqual([1, 1]);
    expect(a!.changes.at(-1)!.change).toBe('forgotten');
  });

  test('do not get a newcomer by a stray packet: it asks first', () => {
    const world = new SwimWorld(13, { codec: true });
    const right = world.boot('right', { facts: { clusterId: other } });
    const left = world.boot('left', { facts: { clusterId: one } });
    const fresh = world.boot('fresh');
    const { name: sender, instanceId } = right;
    const { incarnation, facts } = right.swim.member(sender)!;
    const claim = { nodeId: sender, instanceId, address: right.address, incarnation, factsVersion: 0, facts };
    const updates = [{ claim, status: 'alive', by: sender } as const];
    const stray = { kind: 'gossip', sender, instanceId, cluster: other, view: 0, updates } as const;
    world.inject(fresh, address('192.0.2.1:1'), stray);
    expect(fresh.swim.members().length).toBe(1);
    world.act(fresh, (swim) => swim.join([left.address]));
    world.run(minuteMs);
    expect(fresh.swim.members().map(({ nodeId }) => nodeId)).toEqual(['fresh', 'left']);
  });

  test('a cluster takes in nodes that have none yet', () => {
    const world = new SwimWorld(12, { codec: true });
    world.bootCluster(2, { facts: { clusterId: one } });
    world.boot('fresh', { seeds: [world.processes.get('node-1')!.address] });
    expect(world.runUntil(() => world.isSettled(), 2_000)).not.toBeNull();
  });
});

describe('facts', () => {
  test('reach every member within three rounds of gossip', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new SwimWorld(seed);
      const processes = world.settledCluster(10);
      world.run(minuteMs);
      const facts = {
        clusterId: '00000000000000c1',
        ringEpoch: 7,
        version: '1.0.1',
        zone: 'b',
        state: 'leaving',
      };
      world.act(processes[3]!, (swim) => swim.updateFacts(facts));
      const known = () =>
        processes.every(({ swim }) => swim.member(processes[3]!.name)!.facts.ringEpoch === 7);
      expect(world.runUntil(known, 10_000), `seed ${seed}`).toBeLessThan(700);
      expect(processes[0]!.changes.at(-1)).toMatchObject({ change: 'claim', member: { facts } });
    }
  });

  test('reach both others of a cluster of three in one round', () => {
    const world = new SwimWorld(1);
    const processes = world.settledCluster(3);
    world.run(minuteMs);
    const facts = { clusterId: '', ringEpoch: 8, version: '1.0.0', zone: 'a', state: 'normal' };
    world.act(processes[0]!, (swim) => swim.updateFacts(facts));
    world.run(20);
    expect(processes.map(({ swim }) => swim.member(processes[0]!.name)!.facts.ringEpoch)).toEqual([8, 8, 8]);
  });

  test('that are the old ones are no news', () => {
    const world = new SwimWorld(2);
    const [node] = world.settledCluster(3);
    world.run(minuteMs);
    world.act(node!, (swim) => swim.updateFacts({ ...swim.member(node!.name)!.facts }));
    expect(node!.swim.rumors()).toEqual([]);
  });
});
