/** One simulated cluster: processes, network, disks and clocks made from one seed, and the way for clients to reach them. */

import type { Address, NodeId } from '@starling/core/base/ids.ts';
import { parseAddress, parseNodeId } from '@starling/core/base/ids.ts';
import type { ClientAnswer, ClientRequest } from '@starling/core/coordinator/request.ts';
import type { NodeOptions } from '@starling/core/node/options.ts';
import type { CommandAnswer } from '@starling/core/ring/command-desk.ts';
import type { RingAim, RingCommand } from '@starling/core/ring/ring-operation.ts';
import type { Chronicle } from './chronicle.ts';
import { NodeClock } from './clock.ts';
import { type DiskSnapshot, SimDisk } from './disk.ts';
import { Network } from './network.ts';
import { type Observer, Observers } from './observer.ts';
import type { LifetimeOptions } from './options.ts';
import { Prng } from './prng.ts';
import { SimProcess } from './process.ts';
import type { MachineFactory, ProcessWorld, SimNetwork } from './process-parts.ts';
import { Scheduler } from './scheduler.ts';
import { Trace } from './trace.ts';
import { Wire } from './wire.ts';

export interface WorldParts {
  readonly options: LifetimeOptions;
  readonly make: MachineFactory;
}

/** What became of a client's call. `lost`: the connection broke, and nobody will ever answer. */
export type CallEnd = ClientAnswer | 'lost' | 'refused';

/** The highest number of nodes a lifetime may ever have, joiners included. */
export const nodesMax = 9;

export class World implements ProcessWorld {
  readonly options: LifetimeOptions;
  readonly scheduler: Scheduler;
  readonly network: SimNetwork;
  readonly wire: Wire;
  readonly trace = new Trace();
  readonly processes: SimProcess[] = [];
  readonly random: Prng;
  observers = new Observers([]);
  /** A story has done something to the cluster that its options do not tell of. */
  disturbed = false;
  /** What operators have asked for so far, granted or not. */
  readonly aims: RingAim[] = [];
  /** Kept while a failing lifetime is written down, which it does not change. */
  chronicle: Chronicle | null = null;
  readonly #observing: Observer[] = [];
  readonly #make: MachineFactory;
  /** Directories of an earlier lifetime, by node, for processes still to be added; empty for a cold start. */
  images: readonly DiskSnapshot[] = [];
  readonly #endpoints = new Map<Address, number>();
  readonly #calls: Map<number, (end: CallEnd) => void>[] = [];
  #nextCall = 1;
  readonly #commands = new Map<number, (answer: CommandAnswer) => void>();

  constructor(parts: WorldParts) {
    const { options } = parts;
    this.options = options;
    this.random = new Prng(options.seed, 0x3071d);
    this.scheduler = new Scheduler(options.shuffleTies ? this.random.split('ties') : null);
    this.network = new Network(this.scheduler, this.random.split('network'), options.link);
    this.#make = parts.make;
    this.wire = new Wire(options, this.random);
  }

  get now(): number {
    return this.scheduler.now;
  }

  /** The latest wall time that any node has read off its clock. */
  get latestWall(): number {
    let latest = Number.NEGATIVE_INFINITY;
    for (const { clock } of this.processes) latest = Math.max(latest, clock.latestWall);
    return latest;
  }

  get names(): string[] {
    return this.processes.map((process) => process.nodeId);
  }

  observe(...observers: Observer[]): void {
    this.#observing.push(...observers);
    this.observers = new Observers(this.#observing);
  }

  /** Adds a process that is not started yet. With `seeds` it looks for a cluster there. */
  addProcess(seeds: readonly Address[]): SimProcess {
    const index = this.processes.length;
    const random = this.random.split(`node ${index}`);
    const disk = new SimDisk(random.split('disk'));
    const image = this.images[index];
    if (image !== undefined) disk.restore(image, 'rolledBack');
    const process = new SimProcess(this, {
      options: this.#nodeOptions(index, seeds),
      disk,
      clock: new NodeClock(random.split('clock'), this.options.clocks),
      random,
      pace: this.options.pace,
      make: this.#make,
    });
    this.processes.push(process);
    this.#calls.push(new Map());
    this.#endpoints.set(process.options.address, index);
    return process;
  }

  process(name: string): SimProcess {
    const found = this.processes.find((process) => process.nodeId === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  }

  /** Sends a client's request to a process; `end` is called once. Answers a number for `abandon`. */
  call(
    process: SimProcess,
    request: (monoNow: number, wallNow: number) => ClientRequest,
    end: (end: CallEnd) => void,
  ): number {
    const id = this.#nextCall++;
    if (!process.listening) {
      end('refused');
      return id;
    }
    this.#calls[process.index]!.set(id, end);
    const [mono, wall] = [process.clock.mono(this.now), process.clock.wall(this.now)];
    const asked = request(mono, wall);
    this.chronicle?.called(id, process, asked, mono, wall);
    process.request(id, asked);
    return id;
  }

  /** The client hangs up; its callback is not called any more. False if the answer was on its way already. */
  abandon(process: SimProcess, id: number): boolean {
    const open = this.#calls[process.index]!.delete(id);
    if (open) this.chronicle?.abandoned(id);
    if (open) process.deliver({ type: 'abandoned', id });
    return open;
  }

  /** The client gives up waiting without telling anyone. */
  forget(process: SimProcess, id: number): void {
    this.#calls[process.index]!.delete(id);
  }

  answered(process: SimProcess, id: number, answer: ClientAnswer): void {
    const end = this.#calls[process.index]!.get(id);
    this.#calls[process.index]!.delete(id);
    if (end !== undefined) this.chronicle?.answered(id, answer);
    end?.(answer);
  }

  /** Has a command carried out through a process; `end` is called once, unless the process dies. */
  command(
    process: SimProcess,
    command: RingCommand,
    withinMs: number,
    end: (answer: CommandAnswer) => void,
  ): void {
    const id = this.#nextCall++;
    this.#commands.set(id, end);
    process.deliver({ type: 'command', id, command, deadlineAt: process.clock.mono(this.now) + withinMs });
  }

  commanded(id: number, answer: CommandAnswer): void {
    const end = this.#commands.get(id);
    this.#commands.delete(id);
    end?.(answer);
  }

  orphaned(process: SimProcess): void {
    const calls = this.#calls[process.index]!;
    const waiting = [...calls.values()];
    calls.clear();
    for (const end of waiting) end('lost');
  }

  endpointOf(address: Address): number {
    return this.#endpoints.get(address) ?? -1;
  }

  nodeIdOf(endpoint: number): NodeId {
    return this.processes[endpoint]!.nodeId;
  }

  /** From its next start on the process is reached at `address`, and at its old one no more. */
  moveTo(process: SimProcess, address: Address): void {
    this.#endpoints.delete(process.options.address);
    this.#endpoints.set(address, process.index);
    process.options = { ...process.options, address };
  }

  /** Lets virtual time pass until `done` holds, looking every `everyMs`; false if it does not within `withinMs`. */
  runUntil(done: () => boolean, withinMs: number, everyMs = 50): boolean {
    const end = this.now + withinMs;
    while (!done()) {
      if (this.now >= end) return false;
      this.scheduler.runUntil(Math.min(end, this.now + everyMs));
    }
    return true;
  }

  run(forMs: number): void {
    this.scheduler.runUntil(this.now + forMs);
  }

  #nodeOptions(index: number, seeds: readonly Address[]): NodeOptions {
    const { options } = this;
    return {
      nodeId: nodeIdAt(index),
      address: addressAt(index),
      zone: `z${index % options.zones}`,
      weight: 1,
      replicas: options.replicas,
      seeds,
      version: '0.0.0-sim',
      tuning: options.tuning,
    };
  }
}

export function nodeIdAt(index: number): NodeId {
  return parseNodeId(`n${index + 1}`)!;
}

export function addressAt(index: number): Address {
  return parseAddress(`10.0.0.${index + 1}:7000`)!;
}

/** Where the node is reached once it has moved. */
export function movedAddress(index: number): Address {
  return parseAddress(`10.0.1.${index + 1}:7000`)!;
}
