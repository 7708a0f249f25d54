/**
 * For tests only: processes that speak SWIM over a network of virtual time. A run is a function of its seed. The
 * network is harsher than UDP and TCP on a bad day; a paused process runs its late timers before it reads what has
 * queued up, as an event loop does.
 */
import { assert } from '../base/assert.ts';
import type { Address } from '../base/ids.ts';
import { fraction, type Random } from '../base/random.ts';
import { Timers } from '../base/timers.ts';
import type { Member, MemberChange } from './member.ts';
import type { Via } from './options.ts';
import type { SwimPacket } from './packet.ts';
import { decodePacket, encodePacket } from './packet-codec.ts';
import type { Swim } from './swim.ts';
import { address, nodeId, seededRandom } from './test-names.ts';
import { type Birth, type Letter, Process } from './test-process.ts';

export interface Network {
  /** Share of datagrams lost; a TCP packet is delayed by 200 ms for each such loss instead. */
  readonly loss: number;
  /** Share of packets delivered twice, the copy up to a second later. */
  readonly duplicate: number;
  readonly delayMsMin: number;
  /** Mean of the exponential part of the delay. */
  readonly delayMsMean: number;
  /** Without it every packet over TCP is lost. */
  readonly tcp: boolean;
  /** Every packet goes through its bytes. */
  readonly codec: boolean;
}

const goodNetwork: Network = {
  loss: 0,
  duplicate: 0,
  delayMsMin: 0.2,
  delayMsMean: 0.5,
  tcp: true,
  codec: false,
};

export class SwimWorld {
  readonly random: Random;
  readonly processes = new Map<string, Process>();
  network: Network;
  /** Packets given to the network, and bytes where `codec` is on. */
  packets = 0;
  datagramBytesMax = 0;
  /** Findings of `dead` and `suspect` about processes that were up. */
  wrongDeaths = 0;
  wrongSuspicions = 0;
  /** Called with each packet sent; false loses it. */
  filter: (from: Process, to: Process, letter: Letter) => boolean = () => true;
  readonly #clock = new Timers();
  readonly #byAddress = new Map<Address, Process>();
  #hosts = 0;

  constructor(seed: number, network: Partial<Network> = {}) {
    this.random = seededRandom(seed);
    this.network = { ...goodNetwork, ...network };
  }

  get now(): number {
    return this.#clock.now;
  }

  freshAddress(): Address {
    this.#hosts++;
    return address(`10.0.${this.#hosts >> 8}.${this.#hosts & 255}:7000`);
  }

  /** Starts a process. One already there under this name is not touched, but is no longer found by it. */
  boot(name: string, birth: Birth = {}): Process {
    const process = new Process(nodeId(name), birth, this);
    this.processes.set(name, process);
    this.#byAddress.set(process.address, process);
    process.swim.start(birth.seeds ?? [], birth.remembered ?? []);
    this.#settle(process);
    return process;
  }

  /** `count` processes, all seeded with the first, each started a moment after the one before. */
  bootCluster(count: number, birth: Birth = {}): Process[] {
    const processes: Process[] = [];
    for (let i = 1; i <= count; i++) {
      const seeds = processes.slice(0, 1).map((first) => first.address);
      processes.push(this.boot(`node-${i}`, { seeds, ...birth }));
      this.run(20);
    }
    return processes;
  }

  /** A cluster that has found itself and has told its hosts whom to remember. */
  settledCluster(count: number, birth: Birth = {}): Process[] {
    const processes = this.bootCluster(count, birth);
    const ms = this.runUntil(() => this.isSettled(), 60_000);
    assert(ms !== null, 'a healthy cluster finds itself');
    this.run(2_000);
    return processes;
  }

  /** Starts a crashed process again: the same data directory, what it remembered, by default the same address. */
  restart(process: Process, birth: Birth = {}): Process {
    const { instanceId, bootCounter, peers } = process;
    const same = { instanceId, bootCounter: bootCounter + 1, remembered: peers, address: process.address };
    return this.boot(process.name, { ...same, ...birth });
  }

  crash(process: Process): void {
    process.state = 'down';
    process.swim.stop();
    if (this.#byAddress.get(process.address) === process) this.#byAddress.delete(process.address);
  }

  pause(process: Process): void {
    process.state = 'paused';
  }

  resume(process: Process): void {
    process.state = 'up';
    this.#step(process, () => process.timers.runDue());
    for (const letter of process.inbox.splice(0)) this.#receive(process, letter);
  }

  /** Cuts every link between two groups until `heal`. */
  cut(one: readonly Process[], other: readonly Process[]): void {
    const sides = new Map<Process, number>();
    for (const process of one) sides.set(process, 1);
    for (const process of other) sides.set(process, 2);
    this.filter = (from, to) => (sides.get(from) ?? 0) + (sides.get(to) ?? 0) !== 3;
  }

  heal(): void {
    this.filter = () => true;
  }

  /** Lets a process do something of its own accord. */
  act(process: Process, action: (swim: Swim) => void): void {
    this.#step(process, () => action(process.swim));
  }

  /** Hands a packet to a process as if it had come from `from`. */
  inject(process: Process, from: Address, packet: SwimPacket, via: Via = 'udp'): void {
    this.#receive(process, { from, via, packet });
  }

  run(ms: number): void {
    this.runUntil(() => false, ms);
  }

  /** Runs until `done` holds, looking every 10 ms, at most `msMax`; answers how long that took, or null. */
  runUntil(done: () => boolean, msMax: number): number | null {
    const startedAt = this.now;
    let lookAt = startedAt;
    for (;;) {
      if (this.now >= lookAt) {
        if (done()) return this.now - startedAt;
        lookAt = this.now + 10;
      }
      const next = this.#clock.next();
      if (next === null || next > startedAt + msMax) break;
      this.#clock.advance(next);
      this.#clock.runDue();
    }
    this.#clock.advance(startedAt + msMax);
    return done() ? msMax : null;
  }

  /** True if every process that is up sees the others that are up as alive, with one opinion of each. */
  agrees(): boolean {
    const up = [...this.processes.values()].filter(({ state }) => state === 'up');
    const allAlive = up.every(({ swim }) => up.every(({ name }) => swim.member(name)?.status === 'alive'));
    if (!allAlive) return false;
    const view = up[0]?.swim.members() ?? [];
    return up.every(({ swim }) => {
      const members = swim.members();
      return members.length === view.length && members.every((member, i) => isSameBelief(member, view[i]!));
    });
  }

  /** True if everybody sees everybody that was ever started, alive, with one opinion of each. */
  isSettled(): boolean {
    for (const { state, swim } of this.processes.values()) {
      if (state === 'up' && swim.members().length !== this.processes.size) return false;
    }
    return this.agrees();
  }

  post(sender: Process, to: Address, via: Via, packet: SwimPacket): void {
    this.packets++;
    const { loss, duplicate, tcp } = this.network;
    let delayMs = this.#delayMs() + sender.slowMs;
    if (via === 'tcp') {
      if (!tcp) return;
      delayMs += 2 * this.#delayMs();
      while (loss > 0 && fraction(this.random) < loss) delayMs += 200;
    } else if (loss > 0 && fraction(this.random) < loss) return;
    const letter = { from: sender.address, via, packet: this.#asReceived(packet, via) };
    this.#carry(sender, to, letter, delayMs);
    if (duplicate > 0 && fraction(this.random) < duplicate) {
      this.#carry(sender, to, letter, delayMs + 1000 * fraction(this.random));
    }
  }

  onChange(observer: Process, member: Member, change: MemberChange): void {
    if (change !== 'status' || observer.state !== 'up') return;
    const subject = this.#byAddress.get(member.address);
    if (subject === undefined || subject.state !== 'up' || subject.name !== member.nodeId) return;
    if (member.status === 'dead') this.wrongDeaths++;
    if (member.status === 'suspect') this.wrongSuspicions++;
  }

  #delayMs(): number {
    return this.network.delayMsMin - this.network.delayMsMean * Math.log(1 - fraction(this.random));
  }

  #asReceived(packet: SwimPacket, via: Via): SwimPacket {
    if (!this.network.codec) return packet;
    const bytes = encodePacket(packet);
    if (via === 'udp') this.datagramBytesMax = Math.max(this.datagramBytesMax, bytes.length);
    const decoded = decodePacket(bytes);
    assert(decoded !== null, 'what a node sends can be read');
    return decoded;
  }

  #carry(sender: Process, to: Address, letter: Letter, delayMs: number): void {
    this.#clock.after(delayMs, () => {
      const receiver = this.#byAddress.get(to);
      if (receiver === undefined || !this.filter(sender, receiver, letter)) return;
      if (receiver.slowMs === 0) return this.#receive(receiver, letter);
      this.#clock.after(receiver.slowMs, () => this.#receive(receiver, letter));
    });
  }

  #receive(process: Process, letter: Letter): void {
    if (process.state === 'paused') process.inbox.push(letter);
    if (process.state !== 'up') return;
    this.#step(process, () => process.swim.receive(letter.from, letter.via, letter.packet));
  }

  #step(process: Process, action: () => void): void {
    process.timers.advance(this.now);
    action();
    this.#settle(process);
  }

  /** Runs what is due and makes sure that the process is woken when its next timer is. */
  #settle(process: Process): void {
    process.timers.runDue();
    const next = process.timers.next();
    if (next === null || next >= process.wakeAt) return;
    process.wakeAt = next;
    this.#clock.after(next - this.now, () => {
      if (process.wakeAt !== next) return;
      process.wakeAt = Number.POSITIVE_INFINITY;
      if (process.state === 'up') this.#step(process, () => process.timers.runDue());
    });
  }
}

function isSameBelief(one: Member, other: Member): boolean {
  return (
    one.nodeId === other.nodeId &&
    one.instanceId === other.instanceId &&
    one.address === other.address &&
    one.incarnation === other.incarnation &&
    one.status === other.status
  );
}
