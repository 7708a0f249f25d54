import { assert } from '../base/assert.ts';
import type { ActorId, NodeId } from '../base/ids.ts';
import { below, type Random } from '../base/random.ts';
import { Timers } from '../base/timers.ts';
import { encodeRingDoc } from '../codec/ring-doc.ts';
import type { RowWrite } from '../node/effect.ts';
import type { ReadRow } from '../node/input.ts';
import { compareBallots } from '../paxos/ballot.ts';
import type { RingMessage } from './messages.ts';
import type { Ring } from './ring.ts';
import { RingConsensus } from './ring-change.ts';
import type { RingDoc } from './ring-doc.ts';
import { ringRow, voterRow } from './ring-host.ts';
import { takersOf } from './takers.ts';
import { decodeVote } from './vote-row.ts';

/** A small seeded generator: a failing run is repeated by its seed alone. */
export function generator(seed: number): Random {
  let state = seed >>> 0;
  return {
    uint32() {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.imul(state ^ (state >>> 16), 0x45d9f3b) >>> 0;
    },
  };
}

/** What the network does to a message, in percent. Every message also takes its own time, so they overtake each other. */
export interface Faults {
  readonly lossPercent: number;
  readonly duplicatePercent: number;
}

const none: Faults = { lossPercent: 0, duplicatePercent: 0 };

/** A node: its memory goes with each life, its rows stay as of the last sync. */
export class Seat {
  readonly rows = new Map<string, ReadRow>();
  consensus!: RingConsensus;
  timers!: Timers;
  up = false;
  /** Highest epoch that was ever in force here. */
  epochSeen = 0;
  #life = 0;
  #actor = 0;
  #syncedAt = 0;

  constructor(
    readonly nodeId: NodeId,
    readonly town: Town,
  ) {}

  start(): void {
    const life = ++this.#life;
    const actor = `${this.nodeId}~${this.#actor}` as ActorId;
    this.up = true;
    this.timers = new Timers();
    this.timers.advance(this.town.now);
    this.consensus = new RingConsensus({
      timers: this.timers,
      random: this.town.random,
      self: { nodeId: this.nodeId, zone: 'z', weight: 1 },
      replaces: null,
      actor: () => actor,
      send: (to, message) => this.town.send(this, to, message),
      persist: (rows, then) => this.#persist(life, rows, then),
      isAlive: (node) => this.town.seat(node).up,
      candidates: () => this.town.holders(this),
      onRing: (ring) => this.#onRing(ring),
    });
    this.consensus.boot([...this.rows]);
  }

  /** The end of a life without warning: what is not synced is lost, and the next life has a new actor. */
  crash(): void {
    this.#stop();
    this.#actor++;
  }

  /** A clean end: the next life goes on under the same actor. */
  stop(): void {
    this.#stop();
  }

  #stop(): void {
    this.up = false;
    this.#life++;
  }

  /** Syncs take their time and keep their order. */
  #persist(life: number, rows: readonly RowWrite[], then: () => void): void {
    this.#syncedAt = Math.max(this.#syncedAt, this.town.now + 1 + below(this.town.random, 20));
    this.town.at(this.#syncedAt, () => {
      if (this.#life !== life) return;
      for (const [row, value] of rows) {
        if (value === null) this.rows.delete(row);
        else this.rows.set(row, value);
      }
      then();
    });
  }

  #onRing(ring: Ring): void {
    const row = this.rows.get(ringRow);
    const stored = row instanceof Uint8Array && sameBytes(row, encodeRingDoc(ring.doc));
    assert(stored, 'a ring in force is on disk');
    assert(ring.epoch >= this.epochSeen, 'a node never goes back to an older ring, not by a crash either');
    this.epochSeen = ring.epoch;
    this.town.noteDoc('ring', `epoch ${ring.epoch}`, ring.doc);
    if (ring.member(this.nodeId) === null) this.consensus.requestJoin();
    else if (takersOf(ring).has(this.nodeId)) this.consensus.ready();
  }
}

/** Several nodes, their network and their time. It throws as soon as one of the laws of agreement is broken. */
export class Town {
  now = 0;
  readonly seats: Seat[] = [];
  faults: Faults = none;
  /** Messages for which this is true never arrive. */
  cut: (from: NodeId, to: NodeId, message: RingMessage) => boolean = () => false;
  readonly #docs = new Map<string, Uint8Array>();
  #calls: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;

  constructor(readonly random: Random) {}

  add(name: string): Seat {
    const seat = new Seat(name as NodeId, this);
    this.seats.push(seat);
    seat.start();
    return seat;
  }

  seat(nodeId: NodeId): Seat {
    const found = this.seats.find((seat) => seat.nodeId === nodeId);
    assert(found !== undefined, 'messages go to nodes that exist');
    return found;
  }

  /** The others that are up and hold a ring, as gossip would tell. */
  holders(asker: Seat): NodeId[] {
    return this.seats
      .filter((seat) => seat !== asker && seat.up && seat.consensus.current() !== null)
      .map((seat) => seat.nodeId);
  }

  at(time: number, run: () => void): void {
    this.#calls.push({ at: time, order: this.#order++, run });
  }

  send(from: Seat, to: NodeId, message: RingMessage): void {
    this.#checkSent(from, message);
    if (this.cut(from.nodeId, to, message) || below(this.random, 100) < this.faults.lossPercent) return;
    const copies = below(this.random, 100) < this.faults.duplicatePercent ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.at(this.now + 1 + below(this.random, 60), () => {
        const seat = this.seat(to);
        if (seat.up) seat.consensus.receive(from.nodeId, message);
      });
    }
  }

  /** Whatever is known under a name is one document, for ever: the ring of an epoch, the value of a ballot. */
  noteDoc(kind: string, name: string, doc: RingDoc): void {
    const bytes = encodeRingDoc(doc);
    const known = this.#docs.get(`${kind} ${name}`) ?? bytes;
    assert(sameBytes(known, bytes), `there is one document for the ${kind} of ${name}`);
    this.#docs.set(`${kind} ${name}`, known);
  }

  /** A ballot has one value. What its owner and the voters say of it is on their disks before they say it. */
  #checkSent(from: Seat, message: RingMessage): void {
    if (message.kind === 'ringAccept') {
      const { epoch, ballot, doc } = message;
      this.noteDoc('ballot', `${epoch} ${ballot.round} ${ballot.actor}`, doc);
    }
    const agrees =
      message.kind === 'ringPrepare' ||
      ((message.kind === 'ringPromise' || message.kind === 'ringAccepted') &&
        compareBallots(message.promised, message.ballot) === 0);
    // Once the ring it was about is in force, a vote is history.
    if (!agrees || (from.consensus.current()?.epoch ?? 0) >= message.epoch) return;
    const row = from.rows.get(voterRow);
    const vote = row instanceof Uint8Array ? decodeVote(row) : null;
    assert(vote !== null && vote.epoch === message.epoch, 'a vote that is told is on disk');
    const { promised, accepted } = vote.state;
    assert(compareBallots(promised, message.ballot) >= 0, 'a promise that is told is on disk');
    const known = message.kind !== 'ringAccepted' || accepted !== null;
    assert(known, 'what is told to be accepted is on disk');
  }

  run(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 1;
      for (const seat of this.seats) {
        if (!seat.up) continue;
        seat.timers.advance(this.now);
        seat.timers.runDue();
      }
      const due = this.#calls.filter((call) => call.at <= this.now);
      due.sort((a, b) => a.at - b.at || a.order - b.order);
      this.#calls = this.#calls.filter((call) => call.at > this.now);
      for (const call of due) call.run();
    }
  }

  /** Every node that is up hears which ring the others have. */
  gossip(): void {
    for (const seat of this.seats.filter((each) => each.up)) {
      for (const other of this.seats.filter((each) => each.up && each !== seat)) {
        seat.consensus.heardEpoch(other.nodeId, other.consensus.current()?.epoch ?? 0);
      }
    }
  }

  /** Lets up to `ms` pass until the condition holds, and says whether it does. */
  runUntil(condition: () => boolean, ms: number): boolean {
    for (const end = this.now + ms; this.now < end && !condition(); ) {
      this.gossip();
      this.run(50);
    }
    return condition();
  }

  /** Whether all who are up have one ring, with nothing in progress, that `owners` nodes own. */
  settled(owners = this.seats.length): boolean {
    const up = this.seats.filter((seat) => seat.up);
    const epoch = up[0]?.consensus.current()?.epoch;
    return up.every((seat) => {
      const ring = seat.consensus.current();
      return ring?.epoch === epoch && ring?.owners.length === owners && ring.changing === null;
    });
  }
}

/** A town whose first node has founded a cluster that the others, up to `nodes`, have yet to join. */
export function town(seed: number, nodes: number): Town {
  const made = new Town(generator(seed));
  made.add('n0').consensus.bootstrap('0123456789abcdef', 3);
  made.run(30);
  for (let i = 1; i < nodes; i++) made.add(`n${i}`);
  return made;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
