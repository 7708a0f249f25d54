import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorId, NodeId } from '../base/ids.ts';
import { below } from '../base/random.ts';
import { Timers } from '../base/timers.ts';
import { encodeRingDoc } from '../codec/ring-doc.ts';
import type { ReadRow } from '../node/input.ts';
import type { RingMessage } from './messages.ts';
import type { Ring } from './ring.ts';
import { RingConsensus } from './ring-change.ts';

function generator(seed: number) {
  let state = seed >>> 0;
  return {
    uint32() {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.imul(state ^ (state >>> 16), 0x45d9f3b) >>> 0;
    },
  };
}

type Random = ReturnType<typeof generator>;

interface Faults {
  readonly lossPercent: number;
  readonly duplicatePercent: number;
}

/** A node whose memory a crash takes and whose rows it leaves, as of the last sync. */
class Seat {
  readonly rows = new Map<string, ReadRow>();
  consensus!: RingConsensus;
  timers!: Timers;
  life = 0;
  up = false;

  constructor(
    readonly nodeId: NodeId,
    readonly town: Town,
  ) {}

  start(): void {
    const life = ++this.life;
    this.up = true;
    this.timers = new Timers();
    this.timers.advance(this.town.now);
    this.consensus = new RingConsensus({
      timers: this.timers,
      random: this.town.random,
      self: { nodeId: this.nodeId, zone: 'z', weight: 1 },
      actor: () => `${this.nodeId}~${life}` as ActorId,
      send: (to, message) => this.town.deliver(this.nodeId, to, message),
      persist: (rows, then) =>
        this.town.later(1 + below(this.town.random, 5), () => {
          if (this.life !== life || !this.up) return;
          for (const [row, value] of rows) {
            if (value === null) this.rows.delete(row);
            else this.rows.set(row, value);
          }
          then();
        }),
      isAlive: () => true,
      candidates: () =>
        this.town.seats
          .filter((seat) => seat !== this && seat.up && seat.rows.has('m/ring'))
          .map((seat) => seat.nodeId),
      onRing: (ring) => this.town.noteRing(this, ring),
    });
    this.consensus.boot([...this.rows]);
  }
}

class Town {
  now = 0;
  readonly seats: Seat[] = [];
  readonly chosen = new Map<number, string>();
  faults: Faults = { lossPercent: 0, duplicatePercent: 0 };
  #calls: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;

  constructor(readonly random: Random) {}

  add(name: string): Seat {
    const seat = new Seat(name as NodeId, this);
    this.seats.push(seat);
    seat.start();
    return seat;
  }

  later(delay: number, run: () => void): void {
    this.#calls.push({ at: this.now + delay, order: this.#order++, run });
  }

  deliver(from: NodeId, to: NodeId, message: RingMessage): void {
    if (below(this.random, 100) < this.faults.lossPercent) return;
    const copies = below(this.random, 100) < this.faults.duplicatePercent ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.later(1 + below(this.random, 40), () => {
        const seat = this.seats.find((candidate) => candidate.nodeId === to);
        if (seat?.up === true) seat.consensus.receive(from, message);
      });
    }
  }

  /** The law under test: one document for each epoch, whoever adopts it and whenever. */
  noteRing(seat: Seat, ring: Ring): void {
    const bytes = Array.from(encodeRingDoc(ring.doc)).join();
    expect(this.chosen.get(ring.epoch) ?? bytes).toBe(bytes);
    this.chosen.set(ring.epoch, bytes);
    const member = ring.member(seat.nodeId);
    if (member === null) seat.consensus.requestJoin();
    else if (member.status === 'joining') seat.consensus.ready();
  }

  run(ms: number): void {
    const end = this.now + ms;
    while (this.now < end) {
      this.now += 1;
      for (const seat of this.seats) {
        if (!seat.up) continue;
        seat.timers.advance(this.now);
        seat.timers.runDue();
      }
      const due = this.#calls
        .filter((call) => call.at <= this.now)
        .sort((a, b) => a.at - b.at || a.order - b.order);
      this.#calls = this.#calls.filter((call) => call.at > this.now);
      for (const call of due) call.run();
    }
  }

  /** Every node has heard of every other's ring, as gossip would tell it. */
  gossip(): void {
    for (const seat of this.seats) {
      for (const other of this.seats) {
        const epoch = other.up ? (other.consensus.current()?.epoch ?? 0) : 0;
        if (seat !== other && seat.up) seat.consensus.heardEpoch(other.nodeId, epoch);
      }
    }
  }

  settled(): boolean {
    const [first] = this.seats;
    const epoch = first?.consensus.current()?.epoch;
    return this.seats.every((seat) => {
      const ring = seat.consensus.current();
      return ring?.epoch === epoch && ring?.owners.length === this.seats.length && ring.changing === null;
    });
  }

  runUntilSettled(ms: number): boolean {
    for (const end = this.now + ms; this.now < end && !this.settled(); ) {
      this.gossip();
      this.run(100);
    }
    return this.settled();
  }
}

function town(seed: number, nodes: number): Town {
  const made = new Town(generator(seed));
  made.add('n0').consensus.bootstrap('0123456789abcdef', 3);
  made.run(20);
  for (let i = 1; i < nodes; i++) made.add(`n${i}`);
  return made;
}

describe('agreeing on the ring', () => {
  it('takes several nodes in, one change after the other', () => {
    const made = town(1, 4);
    expect(made.runUntilSettled(30_000)).toBe(true);
    expect([...made.chosen.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('never has two documents for one epoch, and goes on when faults stop', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.integer({ min: 2, max: 5 }), (seed, nodes) => {
        const made = town(seed, nodes);
        made.faults = { lossPercent: 25, duplicatePercent: 25 };
        for (let i = 0; i < 12; i++) {
          const seat = made.seats[below(made.random, made.seats.length)]!;
          if (seat.up && below(made.random, 2) === 0) seat.up = false;
          else if (!seat.up) seat.start();
          made.gossip();
          made.run(50 + below(made.random, 400));
        }
        made.faults = { lossPercent: 0, duplicatePercent: 0 };
        for (const seat of made.seats) if (!seat.up) seat.start();
        expect(made.runUntilSettled(120_000)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses the ring of another cluster', () => {
    const made = town(1, 2);
    expect(made.runUntilSettled(10_000)).toBe(true);
    const seat = made.seats[0]!;
    const before = seat.consensus.current()!;
    seat.consensus.receive('x' as NodeId, {
      kind: 'ringNews',
      doc: { ...before.doc, clusterId: 'ffffffffffffffff', epoch: 99 },
    });
    made.run(50);
    expect(seat.consensus.current()?.epoch).toBe(before.epoch);
  });

  it('acts by a ring only when it is durable', () => {
    const made = new Town(generator(3));
    const seat = made.add('n0');
    seat.consensus.bootstrap('0123456789abcdef', 3);
    expect(seat.consensus.current()).toBeNull();
    made.run(20);
    expect(seat.consensus.current()?.epoch).toBe(1);
    expect(seat.rows.has('m/ring')).toBe(true);
  });

  it('is where it was after a crash', () => {
    const made = town(5, 3);
    expect(made.runUntilSettled(30_000)).toBe(true);
    for (const seat of made.seats) seat.start();
    expect(made.settled()).toBe(true);
  });
});
