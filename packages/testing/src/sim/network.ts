/**
 * The network between nodes, per directed link.
 *
 * Frames travel on connections as over TCP: in order, lost only when the connection breaks. A lost segment is late,
 * not gone; a cut link stalls its connection until it heals or the connection times out, which loses everything
 * under way and tells both ends (or, half-open, one end much later). Packets travel as over UDP: late, lost, doubled and out of order.
 */
import type { Prng } from './prng.ts';
import type { Scheduler } from './scheduler.ts';

export interface LinkProfile {
  /** Shortest one-way delay in ms, and the mean of what is added to it. */
  readonly delayFloorMs: number;
  readonly delayMeanMs: number;
  /** One message in a thousand takes this much longer: the slow tail that finds timeouts. */
  readonly slowTailMs: number;
  /** Share of packets (and segments) lost, and of packets doubled. */
  readonly loss: number;
  readonly duplicate: number;
}

/** Who stands at one end. `Frame` and `Packet` are opaque to the network. */
export interface Endpoint<Frame, Packet> {
  frame(from: number, frame: Frame): void;
  packet(from: number, packet: Packet): void;
  /** The connection with `peer` broke. */
  disconnected(peer: number): void;
  /** False while the process is down: connections to it are refused. */
  readonly listening: boolean;
  /** Raised whenever the process starts: what was sent to one life is never given to the next. */
  readonly life: number;
}

/** A frame under way, the connection it belongs to, and the life of the process it was sent to. */
interface Sent<Frame> {
  readonly frame: Frame;
  readonly connection: number;
  readonly life: number;
}

interface Link<Frame> {
  /** How many faults cut this direction at the moment. */
  cuts: number;
  clogUntil: number;
  /** Raised when the connection breaks: what was under way belongs to an older one and is lost. */
  connection: number;
  /** Arrival of the last frame sent, so that the next one comes after it. */
  lastArrival: number;
  /** Frames that arrived at a cut or clog, in order. */
  readonly stalled: Sent<Frame>[];
  wakeSet: boolean;
}

/** A connection whose data is not acknowledged breaks after this long, in ms (a keep-alive of the order of ws' ping). */
export const connectionTimeoutMs = 10_000;
/** A lost segment is sent again after this long, in ms, doubling (RFC 6298's minimum on Linux). */
const retransmitMs = 200;
/** Packets one endpoint may have under way: beyond it a real socket buffer drops. */
export const packetsInFlightMax = 4096;

export interface NetworkCounts {
  frames: number;
  packets: number;
  framesLost: number;
  packetsLost: number;
  packetsDoubled: number;
  resets: number;
  stalls: number;
}

export class Network<Frame, Packet> {
  readonly counts: NetworkCounts = {
    frames: 0,
    packets: 0,
    framesLost: 0,
    packetsLost: 0,
    packetsDoubled: 0,
    resets: 0,
    stalls: 0,
  };
  /** A scenario's own rule: false loses the frame. Null lets everything through. */
  filter: ((from: number, to: number, frame: Frame) => boolean) | null = null;
  #profile: LinkProfile;
  #packetsInFlight = 0;
  readonly #scheduler: Scheduler;
  readonly #random: Prng;
  readonly #ends: Endpoint<Frame, Packet>[] = [];
  readonly #links: Link<Frame>[][] = [];

  constructor(scheduler: Scheduler, random: Prng, profile: LinkProfile) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#profile = profile;
  }

  /** Adds an endpoint; its number is the count of those before it. */
  attach(end: Endpoint<Frame, Packet>): number {
    const index = this.#ends.length;
    this.#ends.push(end);
    for (const row of this.#links) row.push(newLink());
    this.#links.push(this.#ends.map(() => newLink()));
    return index;
  }

  /** Changes how good every link is from now on. */
  setProfile(profile: LinkProfile): void {
    this.#profile = profile;
  }

  /** One frame over the connection from `from` to `to`. */
  send(from: number, to: number, frame: Frame): void {
    this.counts.frames++;
    if (this.filter !== null && !this.filter(from, to, frame)) {
      this.counts.framesLost++;
      return;
    }
    const link = this.#link(from, to);
    let delay = this.#delay();
    for (
      let wait = retransmitMs;
      wait < connectionTimeoutMs && this.#random.chance(this.#profile.loss);
      wait *= 2
    ) {
      delay += wait;
    }
    const arrival = Math.max(this.#scheduler.now + delay, link.lastArrival + 0.001);
    link.lastArrival = arrival;
    const { connection } = link;
    const { life } = this.#ends[to]!;
    this.#scheduler.at(arrival, () => this.#arrive(from, to, { frame, connection, life }));
  }

  /** One packet, maybe twice, maybe never. */
  datagram(from: number, to: number, packet: Packet): void {
    this.counts.packets++;
    const copies = this.#random.chance(this.#profile.duplicate) ? 2 : 1;
    if (copies === 2) this.counts.packetsDoubled++;
    for (let copy = 0; copy < copies; copy++) {
      const lost = this.#random.chance(this.#profile.loss) || this.#packetsInFlight >= packetsInFlightMax;
      if (lost || this.#isCut(from, to)) {
        this.counts.packetsLost++;
        continue;
      }
      this.#packetsInFlight++;
      this.#scheduler.after(this.#delay(), () => {
        this.#packetsInFlight--;
        if (this.#isCut(from, to) || !this.#ends[to]!.listening) this.counts.packetsLost++;
        else this.#ends[to]!.packet(from, packet);
      });
    }
  }

  /** Stops everything from `from` to `to`. Cuts add up: as many `mend`s undo them. */
  cut(from: number, to: number): void {
    this.#link(from, to).cuts++;
  }

  mend(from: number, to: number): void {
    const link = this.#link(from, to);
    link.cuts = Math.max(0, link.cuts - 1);
    this.#wake(from, to);
  }

  isCut(from: number, to: number): boolean {
    return this.#link(from, to).cuts > 0;
  }

  /** Holds everything from `from` to `to` back until virtual time `until`. */
  clog(from: number, to: number, until: number): void {
    const link = this.#link(from, to);
    link.clogUntil = Math.max(link.clogUntil, until);
    this.#scheduler.at(link.clogUntil, () => this.#flush(from, to));
  }

  /** Breaks the connection between two nodes. `halfOpen`: `a` learns of it only after the connection's timeout. */
  reset(a: number, b: number, halfOpen = false): void {
    this.counts.resets++;
    this.#breakLink(a, b);
    this.#breakLink(b, a);
    this.#notify(b, a, this.#delay());
    this.#notify(a, b, halfOpen ? connectionTimeoutMs : this.#delay());
  }

  /** The process at `index` died: its connections break. What it had sent may still arrive, up to some point. */
  died(index: number): void {
    this.#ends.forEach((_, other) => {
      if (other === index) return;
      this.#breakLink(other, index);
      if (this.#random.chance(0.5)) this.#breakLink(index, other);
      const learns = this.isCut(index, other) ? connectionTimeoutMs : this.#delay();
      this.#notify(other, index, learns);
    });
  }

  /** Undoes every cut and clog. */
  heal(): void {
    this.#links.forEach((row, from) => {
      row.forEach((link, to) => {
        link.cuts = 0;
        link.clogUntil = 0;
        this.#wake(from, to);
      });
    });
  }

  #arrive(from: number, to: number, sent: Sent<Frame>): void {
    const link = this.#link(from, to);
    if (sent.connection !== link.connection) {
      this.counts.framesLost++;
      return;
    }
    if (link.stalled.length > 0 || this.#isCut(from, to)) return this.#stall(from, to, sent);
    this.#hand(from, to, sent);
  }

  #hand(from: number, to: number, { frame, life }: Sent<Frame>): void {
    const end = this.#ends[to]!;
    if (end.listening && end.life === life) return end.frame(from, frame);
    this.counts.framesLost++;
    this.#notify(from, to, this.#delay());
  }

  #stall(from: number, to: number, sent: Sent<Frame>): void {
    const link = this.#link(from, to);
    link.stalled.push(sent);
    if (link.stalled.length > 1) return;
    this.counts.stalls++;
    this.#scheduler.after(connectionTimeoutMs, () => {
      if (link.connection === sent.connection && link.stalled[0] === sent) this.reset(from, to);
    });
  }

  /** A mended link is noticed by the sender's next retransmission. */
  #wake(from: number, to: number): void {
    const link = this.#link(from, to);
    if (link.stalled.length === 0 || link.wakeSet) return;
    link.wakeSet = true;
    this.#scheduler.after(this.#random.below(2 * retransmitMs), () => {
      link.wakeSet = false;
      this.#flush(from, to);
    });
  }

  #flush(from: number, to: number): void {
    const link = this.#link(from, to);
    if (this.#isCut(from, to)) return;
    for (const sent of link.stalled.splice(0)) this.#hand(from, to, sent);
  }

  #breakLink(from: number, to: number): void {
    const link = this.#link(from, to);
    link.connection++;
    this.counts.framesLost += link.stalled.length;
    link.stalled.length = 0;
  }

  #notify(index: number, peer: number, delayMs: number): void {
    this.#scheduler.after(delayMs, () => this.#ends[index]!.disconnected(peer));
  }

  #isCut(from: number, to: number): boolean {
    const link = this.#link(from, to);
    return link.cuts > 0 || link.clogUntil > this.#scheduler.now;
  }

  #delay(): number {
    const { delayFloorMs, delayMeanMs, slowTailMs } = this.#profile;
    const slow = slowTailMs > 0 && this.#random.below(1000) === 0 ? slowTailMs : 0;
    return delayFloorMs + this.#random.exponential(delayMeanMs) + slow;
  }

  #link(from: number, to: number): Link<Frame> {
    return this.#links[from]![to]!;
  }
}

function newLink<Frame>(): Link<Frame> {
  return { cuts: 0, clogUntil: 0, connection: 0, lastArrival: 0, stalled: [], wakeSet: false };
}
