import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorId, NodeId } from '../base/ids.ts';
import { below } from '../base/random.ts';
import { planJoin } from './plan.ts';
import { ringRow, voterRow } from './ring-host.ts';
import { generator, type Seat, Town, town } from './ring-town.test-kit.ts';

/** A town of so many owners, settled. */
function settledTown(seed: number, nodes: number): Town {
  const made = town(seed, nodes);
  expect(made.runUntil(() => made.settled(), 60_000)).toBe(true);
  return made;
}

describe('agreeing on the ring', () => {
  it('takes several nodes in that ask at once, one change after the other', () => {
    const made = settledTown(1, 4);
    expect(made.seats.map((seat) => seat.consensus.current()?.epoch)).toEqual([7, 7, 7, 7]);
  });

  it('never has two documents for one epoch, and goes on when faults stop', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 6 }), (seed, nodes) => {
        const made = town(seed, nodes);
        made.faults = { lossPercent: below(made.random, 40), duplicatePercent: below(made.random, 40) };
        for (let i = 0; i < 16; i++) {
          const seat = made.seats[below(made.random, made.seats.length)]!;
          if (!seat.up) seat.start();
          else if (below(made.random, 2) === 0) seat.crash();
          else seat.stop();
          made.gossip();
          made.run(50 + below(made.random, 500));
        }
        made.faults = { lossPercent: 0, duplicatePercent: 0 };
        for (const seat of made.seats) if (!seat.up) seat.start();
        expect(made.runUntil(() => made.settled(), 120_000)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('goes on while a majority of the owners is up, and stops while none is', () => {
    const made = settledTown(2, 5);
    made.seats[3]!.crash();
    made.seats[4]!.crash();
    made.add('n5');
    expect(made.runUntil(() => made.settled(6), 30_000)).toBe(true);
    made.seats[2]!.crash();
    made.add('n6');
    expect(made.runUntil(() => made.settled(7), 30_000)).toBe(false);
    made.seats[3]!.start();
    expect(made.runUntil(() => made.settled(7), 30_000)).toBe(true);
  });

  it('does not split: the side without a majority of the owners changes nothing', () => {
    const made = settledTown(3, 5);
    const minority = new Set(made.seats.slice(0, 2).map((seat) => seat.nodeId));
    const outsider = made.add('n5');
    minority.add(outsider.nodeId);
    made.cut = (from, to) => minority.has(from) !== minority.has(to);
    made.add('n6');
    expect(made.runUntil(() => made.seats[4]!.consensus.current()!.owners.length === 6, 30_000)).toBe(true);
    expect(made.seats[0]!.consensus.current()!.owners).toHaveLength(5);
    made.cut = () => false;
    expect(made.runUntil(() => made.settled(7), 60_000)).toBe(true);
  });

  it('brings what was accepted to an end though nobody asks for it any more', () => {
    const made = settledTown(4, 3);
    // The change is accepted by all, but nobody lives to know: neither who proposed it nor who wanted it.
    made.cut = (_from, _to, message) => message.kind === 'ringAccepted';
    const joiner = made.add('n3');
    const accepted = () => made.seats.filter((seat) => seat.rows.has(voterRow)).length === 3;
    expect(made.runUntil(accepted, 10_000)).toBe(true);
    made.run(1000);
    expect(made.seats[0]!.consensus.current()!.member(joiner.nodeId)).toBeNull();
    joiner.crash();
    for (const seat of made.seats) if (seat !== joiner) seat.crash();
    for (const seat of made.seats) if (seat !== joiner) seat.start();
    made.cut = () => false;
    const listsJoiner = () =>
      made.seats.every((seat) => seat === joiner || seat.consensus.current()!.member(joiner.nodeId) !== null);
    expect(made.runUntil(listsJoiner, 30_000)).toBe(true);
  });

  it('uses no ballot twice, though a clean stop and a new start keep the actor', () => {
    const made = settledTown(13, 3);
    const [proposer, second, third] = made.seats as [Seat, Seat, Seat];
    for (const name of ['n8', 'n9']) made.add(name).stop();
    const want = (name: string) => {
      const nodeId = name as NodeId;
      proposer.consensus.receive(nodeId, { kind: 'ringJoin', nodeId, zone: 'z', weight: 1, replaces: null });
    };
    // It stops as it asks for acceptance: one voter has accepted then, and its own disk does not know of it.
    made.cut = (_from, to, message) => {
      if (message.kind === 'ringAccept') made.at(made.now, () => proposer.stop());
      return message.kind === 'ringAccept' && to === third.nodeId;
    };
    want('n8');
    made.run(500);
    expect(proposer.up).toBe(false);
    expect(second.rows.has(voterRow)).toBe(true);
    // The next life wants something else, and that voter is out of reach.
    made.cut = (_from, to) => to === second.nodeId;
    proposer.start();
    want('n9');
    const lists = (seat: Seat) => seat.consensus.current()!.member('n9' as NodeId) !== null;
    expect(made.runUntil(() => lists(proposer) && lists(third), 10_000)).toBe(true);
    made.cut = () => false;
    expect(made.runUntil(() => lists(second), 10_000)).toBe(true);
  });
});

describe('a node', () => {
  it('acts by a ring only when it is durable', () => {
    const made = new Town(generator(3));
    const seat = made.add('n0');
    seat.consensus.bootstrap('0123456789abcdef', 3);
    expect(seat.consensus.current()).toBeNull();
    made.run(30);
    expect(seat.consensus.current()?.epoch).toBe(1);
    expect(seat.rows.has(ringRow)).toBe(true);
  });

  it('is where it was after a crash', () => {
    const made = settledTown(5, 3);
    for (const seat of made.seats) seat.crash();
    for (const seat of made.seats) seat.start();
    expect(made.settled()).toBe(true);
  });

  it('catches up with a ring it missed when it hears of its epoch', () => {
    const made = settledTown(6, 3);
    made.seats[2]!.stop();
    made.add('n3');
    expect(made.runUntil(() => made.settled(4), 30_000)).toBe(true);
    made.seats[2]!.start();
    made.cut = (_from, _to, message) => message.kind === 'ringFetch';
    made.gossip();
    made.run(100);
    made.cut = () => false;
    made.run(1000);
    expect(made.seats[2]!.consensus.current()?.owners).toHaveLength(4);
  });

  it('refuses rings that are foreign, unlawful or old', () => {
    const made = settledTown(7, 2);
    const seat = made.seats[0]!;
    const { doc } = seat.consensus.current()!;
    const later = { ...doc, epoch: 99 };
    for (const bad of [
      { ...later, clusterId: 'ffffffffffffffff' },
      { ...later, replicas: 0 },
      { ...later, members: [] },
      { ...doc, epoch: 1 },
    ]) {
      seat.consensus.receive('x' as NodeId, { kind: 'ringNews', doc: bad });
    }
    made.run(100);
    expect(seat.consensus.current()?.doc).toEqual(doc);
  });

  it('takes a fresh node of one cluster only: the first ring it hears of binds it', () => {
    const made = settledTown(8, 1);
    const fresh = made.add('n9');
    const { doc } = made.seats[0]!.consensus.current()!;
    fresh.consensus.receive('n0' as NodeId, { kind: 'ringNews', doc });
    fresh.consensus.receive('x' as NodeId, {
      kind: 'ringNews',
      doc: { ...doc, clusterId: 'ffffffffffffffff', epoch: 50 },
    });
    made.run(100);
    expect(fresh.consensus.current()?.doc.clusterId).toBe(doc.clusterId);
  });

  it('votes for no document that is more than one step from the ring in force', () => {
    const made = settledTown(9, 3);
    const seat = made.seats[0]!;
    const { doc } = seat.consensus.current()!;
    const lawful = planJoin(doc, { nodeId: 'n8' as NodeId, zone: 'z', weight: 1 })!;
    const ballot = { round: 1000, actor: 'n1~9' as ActorId };
    const accept = (bad: typeof doc) =>
      seat.consensus.receive('n1' as NodeId, { kind: 'ringAccept', epoch: doc.epoch + 1, ballot, doc: bad });
    accept({ ...lawful, members: lawful.members.slice(1) });
    accept({ ...lawful, replicas: 1 });
    made.run(100);
    expect(seat.rows.has(voterRow)).toBe(false);
    accept(lawful);
    made.run(100);
    expect(seat.rows.has(voterRow)).toBe(true);
  });

  it('makes nobody normal on the word of another, or for an epoch that is over', () => {
    const made = settledTown(10, 2);
    made.cut = (_from, _to, message) => message.kind === 'ringReady';
    const joiner = made.add('n2');
    expect(made.runUntil(() => made.seats[0]!.consensus.current()!.changing !== null, 30_000)).toBe(true);
    const { epoch } = made.seats[0]!.consensus.current()!;
    const ready = { kind: 'ringReady', nodeId: joiner.nodeId, epoch } as const;
    made.seats[0]!.consensus.receive('n1' as NodeId, ready);
    made.seats[0]!.consensus.receive(joiner.nodeId, { ...ready, epoch: epoch - 1 });
    made.run(3000);
    expect(made.seats[0]!.consensus.awaited).toEqual([joiner.nodeId]);
    made.seats[0]!.consensus.receive(joiner.nodeId, ready);
    expect(made.runUntil(() => made.settled(3), 10_000)).toBe(true);
  });
});

describe('a damaged disk', () => {
  it('that lost the ring makes a node fetch it, and founds no second cluster', () => {
    const made = settledTown(11, 3);
    const seat = made.seats[1]!;
    seat.crash();
    seat.rows.set(ringRow, 'corrupt');
    seat.start();
    seat.consensus.bootstrap('ffffffffffffffff', 3);
    expect(seat.consensus.current()).toBeNull();
    expect(made.runUntil(() => made.settled(), 10_000)).toBe(true);
  });

  it('that lost a vote keeps a node from voting on that epoch, and on that epoch only', () => {
    const made = settledTown(12, 3);
    // Two of three may have voted and forgotten: nothing can be chosen for this epoch without knowing what they said.
    for (const seat of made.seats.slice(0, 2)) {
      seat.crash();
      seat.rows.set(voterRow, 'corrupt');
      seat.start();
    }
    const joiner = made.add('n3');
    expect(made.runUntil(() => made.settled(4), 20_000)).toBe(false);
    // A majority that did decide it lets them vote again from the next epoch on.
    const { doc } = made.seats[2]!.consensus.current()!;
    const next = planJoin(doc, { nodeId: joiner.nodeId, zone: 'z', weight: 1 })!;
    made.seats[0]!.consensus.receive('n2' as NodeId, { kind: 'ringNews', doc: next });
    expect(made.runUntil(() => made.settled(4), 20_000)).toBe(true);
  });
});
