/**
 * One simulated server process: the driver of one machine. It turns effects into virtual I/O and completions into
 * inputs under the same contract as the real driver: group commit, one frame per peer and step, poison on any write
 * error, and a new machine from the disk's rows at every start.
 */
import type { Hlc, NodeId } from '@starling/core/base/ids.ts';
import type { ClientRequest } from '@starling/core/coordinator/request.ts';
import type { Effect } from '@starling/core/node/effect.ts';
import type { Input, ReadRow } from '@starling/core/node/input.ts';
import type { Finding } from '@starling/core/node/inquiry.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { NodeOptions } from '@starling/core/node/options.ts';
import type { NodeClock } from './clock.ts';
import type { SimDisk } from './disk.ts';
import { DiskQueue } from './disk-queue.ts';
import type { Endpoint } from './network.ts';
import type { Prng } from './prng.ts';
import type { Machine, ProcessParts, ProcessState, ProcessWorld, Segment } from './process-parts.ts';
import type { Scheduled } from './scheduler.ts';
import { describeAnswer, describeInput, describeMessages } from './trace-words.ts';
import { duringStep } from './traps.ts';
import { Violation } from './violation.ts';
import type { WirePacket } from './wire.ts';

/** One frame in the making. */
interface Outgoing {
  readonly to: number;
  readonly hlc: Hlc;
  readonly messages: PeerMessage[];
}

export class SimProcess implements Endpoint<Segment, WirePacket> {
  readonly index: number;
  readonly disk: SimDisk;
  readonly clock: NodeClock;
  options: NodeOptions;
  state: ProcessState = 'down';
  /** Null unless up. */
  machine: Machine | null = null;
  boots = 0;
  /** Told what an inquiry has found. Nobody asks in a lifetime. */
  found: (id: number, finding: Finding) => void = () => undefined;
  readonly #world: ProcessWorld;
  readonly #parts: ProcessParts;
  readonly #random: Prng;
  /** Raised at every death: completions of an earlier life are nobody's. */
  #life = 0;
  #paused = false;
  #waiting: Input[] = [];
  readonly #queue: DiskQueue;
  #tick: Scheduled | null = null;

  constructor(world: ProcessWorld, parts: ProcessParts) {
    this.#world = world;
    this.#parts = parts;
    this.#random = parts.random;
    this.options = parts.options;
    this.disk = parts.disk;
    this.clock = parts.clock;
    this.index = world.network.attach(this);
    this.#queue = new DiskQueue(this, world, parts, () => this.#poison());
  }

  get nodeId(): NodeId {
    return this.options.nodeId;
  }

  get listening(): boolean {
    return this.state === 'up';
  }

  /** Multiplies every disk latency: 1 is a healthy disk. */
  set slowness(factor: number) {
    this.#queue.slowness = factor;
  }

  /** Looks how full the disk is and tells the machine when it crosses its low-water mark, either way. */
  watchRoom(): void {
    this.#queue.watchRoom();
  }

  get life(): number {
    return this.#life;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Inputs waiting for a paused process. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Opens the disk and boots a machine from it, after the time that takes. */
  start(): void {
    if (this.state === 'starting' || this.state === 'up') return;
    this.state = 'starting';
    const life = this.#life;
    this.#world.scheduler.after(this.#parts.pace.bootMs * (0.5 + this.#random.fraction()), () => {
      if (life === this.#life && this.state === 'starting') this.#boot();
    });
  }

  /** The process dies at once; with `power`, so does the whole machine. */
  kill(power: boolean): void {
    if (this.state === 'down' || this.state === 'stopped') return;
    this.#world.trace.note(this.#world.scheduler.now, 'crash', this.index, power ? 1 : 0);
    this.#end('down');
    this.disk.crash(power);
    this.#world.observers.died(this, power ? 'power' : 'killed');
  }

  pause(): void {
    if (this.state !== 'up' || this.#paused) return;
    this.#paused = true;
    this.#world.trace.note(this.#world.scheduler.now, 'pause', this.index);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#world.trace.note(this.#world.scheduler.now, 'resume', this.index, this.#waiting.length);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const input of waiting) this.deliver(input);
    this.#queue.commit();
    this.#setTick();
  }

  /** Hands an input to the machine, now or when the process runs again. */
  deliver(input: Input): void {
    if (this.state !== 'up') return;
    if (this.#paused) this.#waiting.push(input);
    else this.#step(input);
  }

  request(id: number, request: ClientRequest): void {
    this.deliver({ type: 'request', id, request });
  }

  frame(from: number, segment: Segment): void {
    if (segment.kind === 'packet') return this.packet(from, segment.packet);
    const opened = this.#world.wire.open(segment.frame, this.clock.mono(this.#world.scheduler.now));
    if (opened === null) return this.#world.network.reset(from, this.index);
    for (const message of opened.messages) {
      this.deliver({ type: 'message', from: segment.frame.from, hlc: opened.hlc, message });
    }
  }

  packet(_from: number, packet: WirePacket): void {
    const opened = this.#world.wire.openPacket(packet);
    if (opened !== null) this.deliver({ type: 'packet', from: packet.from, via: packet.via, packet: opened });
  }

  disconnected(peer: number): void {
    this.deliver({ type: 'disconnected', peer: this.#world.nodeIdOf(peer) });
  }

  #boot(): void {
    const opening = this.disk.open();
    const rows = ['m/', 'h/', 'l/'].flatMap((prefix) => this.#rowsWith(prefix));
    this.boots++;
    this.state = 'up';
    this.#world.trace.note(this.#world.scheduler.now, 'boot', this.index, opening.bootCounter, rows.length);
    const random = this.#random.split(`boot ${this.boots}`);
    this.machine = this.#guard(() => this.#parts.make(this.options, { rows, ...opening }, random));
    this.#world.observers.booted(this);
    this.#step({ type: 'tick' });
  }

  #rowsWith(prefix: string): (readonly [string, ReadRow])[] {
    const until = `${prefix.slice(0, -1)}0`;
    return [...this.disk.scan(prefix, until, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY).rows];
  }

  #end(state: ProcessState): void {
    this.#life++;
    this.state = state;
    this.machine = null;
    this.#paused = false;
    this.#waiting = [];
    this.#queue.clear();
    this.#tick?.cancel();
    this.#tick = null;
    this.#world.network.died(this.index);
    this.#world.orphaned(this);
  }

  #step(input: Input): void {
    const { machine } = this;
    if (machine === null) return;
    const { observers, scheduler, trace } = this.#world;
    observers.input(this, input);
    const now = this.clock.read(scheduler.now);
    const effects = this.#guard(() => duringStep(() => machine.step(input, now)));
    trace.note(scheduler.now, 'step', this.index, input.type.charCodeAt(0), effects.length, () =>
      describeInput(input),
    );
    this.#perform(effects);
    observers.stepped(this);
    this.#setTick();
  }

  /** A broken invariant of the machine is a finding, whatever else the run would have shown. */
  #guard<T>(run: () => T): T {
    try {
      return run();
    } catch (cause) {
      if (cause instanceof Violation) throw cause;
      throw new Violation(
        'assert',
        `${this.nodeId} stopped: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
      );
    }
  }

  #perform(effects: readonly Effect[]): void {
    const outgoing: Outgoing[] = [];
    for (const effect of effects) {
      if (this.machine === null) throw new Violation('assert', `${this.nodeId} went on after it had stopped`);
      if (effect.type === 'send') this.#collect(outgoing, effect);
      else this.#performOne(effect);
    }
    for (const { to, hlc, messages } of outgoing) this.#sendFrames(to, hlc, messages);
  }

  #collect(outgoing: Outgoing[], { to, address, hlc, message }: Extract<Effect, { type: 'send' }>): void {
    this.#world.observers.sent(this, to, message);
    const endpoint = this.#world.endpointOf(address);
    if (endpoint < 0 || this.#world.nodeIdOf(endpoint) !== to) return;
    const open = outgoing.find((frame) => frame.to === endpoint);
    if (open !== undefined) open.messages.push(message);
    else outgoing.push({ to: endpoint, hlc, messages: [message] });
  }

  #sendFrames(to: number, hlc: Hlc, messages: readonly PeerMessage[]): void {
    const { network, trace, scheduler, wire } = this.#world;
    trace.note(scheduler.now, 'frame', this.index, to, messages.length, () => describeMessages(messages));
    for (const frame of wire.pack(this, hlc, messages, this.clock.mono(scheduler.now))) {
      network.send(this.index, to, { kind: 'frame', frame });
    }
  }

  #performOne(effect: Exclude<Effect, { type: 'send' }>): void {
    switch (effect.type) {
      case 'packet':
        return this.#sendPacket(effect);
      case 'write':
        return this.#queue.write(effect.seq, effect.rows);
      case 'read':
        return this.#queue.read(effect.id, effect.rows);
      case 'scan':
        return this.#queue.scan(effect);
      case 'reply':
        this.#world.trace.note(
          this.#world.scheduler.now,
          'reply',
          this.index,
          effect.id,
          effect.answer.kind.length,
          () => describeAnswer(effect.answer),
        );
        this.#world.observers.replied(this, effect.id, effect.answer);
        return this.#world.answered(this, effect.id, effect.answer);
      case 'commanded':
        return this.#world.commanded(effect.id, effect.answer);
      case 'event':
        return this.#world.observers.event(this, effect.event);
      case 'found':
        return this.found(effect.id, effect.finding);
      case 'stopped':
        return this.#stopped();
    }
  }

  #sendPacket(effect: Extract<Effect, { type: 'packet' }>): void {
    const { network, trace, scheduler, wire } = this.#world;
    const to = this.#world.endpointOf(effect.to);
    trace.note(scheduler.now, 'packet', this.index, to, 0, () => effect.packet.kind);
    if (to < 0) return;
    const packet = wire.packPacket(this.options.address, effect.via, effect.packet);
    if (effect.via === 'udp') network.datagram(this.index, to, packet);
    else network.send(this.index, to, { kind: 'packet', packet });
  }

  /** A write error: nothing this machine believes can be trusted. Reopen the disk and begin again. */
  #poison(): void {
    this.#world.trace.note(this.#world.scheduler.now, 'poison', this.index);
    this.#end('down');
    this.disk.crash(false);
    this.#world.observers.died(this, 'poisoned');
    this.start();
  }

  #stopped(): void {
    this.#world.trace.note(this.#world.scheduler.now, 'stopped', this.index);
    this.disk.close();
    this.#end('stopped');
    this.#world.observers.died(this, 'stopped');
  }

  /** Keeps one tick scheduled, no later than the machine's next wait. One that comes early is simply set again. */
  #setTick(): void {
    const next = this.machine?.nextTickAt() ?? null;
    if (next === null || this.#paused) return;
    const at = this.clock.virtualAt(next);
    if (this.#tick !== null && this.#tick.at <= at) return;
    this.#tick?.cancel();
    this.#tick = this.#world.scheduler.at(at, () => this.#ticked());
  }

  #ticked(): void {
    this.#tick = null;
    const next = this.machine?.nextTickAt() ?? null;
    if (this.#paused || next === null) return;
    if (next > this.clock.mono(this.#world.scheduler.now)) return this.#setTick();
    this.#step({ type: 'tick' });
  }
}
