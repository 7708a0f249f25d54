/** What a simulated process is made of and what it needs of the world around it. */
import type { Address, NodeId } from '@starling/core/base/ids.ts';
import type { Random } from '@starling/core/base/random.ts';
import type { ClientAnswer } from '@starling/core/coordinator/request.ts';
import type { StarlingNode } from '@starling/core/node/node.ts';
import type { BootImage, NodeOptions } from '@starling/core/node/options.ts';
import type { CommandAnswer } from '@starling/core/ring/command-desk.ts';
import type { NodeClock } from './clock.ts';
import type { SimDisk } from './disk.ts';
import type { Network } from './network.ts';
import type { Observers } from './observer.ts';
import type { Prng } from './prng.ts';
import type { SimProcess } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';
import type { Wire, WireFrame, WirePacket } from './wire.ts';

/** The part of a node that its driver and the checkers use. */
export type Machine = Pick<
  StarlingNode,
  | 'step'
  | 'nextTickAt'
  | 'state'
  | 'ring'
  | 'members'
  | 'counts'
  | 'hints'
  | 'damagedRecords'
  | 'ringAtRest'
  | 'treeRoot'
  | 'antiEntropy'
  | 'provenEqual'
  | 'wallMs'
  | 'transfer'
  | 'actor'
  | 'clock'
>;

export type MachineFactory = (options: NodeOptions, boot: BootImage, random: Random) => Machine;

/** A frame, or a packet over TCP, as it travels on a connection. */
export type Segment =
  | { readonly kind: 'frame'; readonly frame: WireFrame }
  | { readonly kind: 'packet'; readonly packet: WirePacket };

export type SimNetwork = Network<Segment, WirePacket>;

/** How long things take on one machine, in virtual ms. */
export interface Pace {
  readonly syncFloorMs: number;
  readonly syncMeanMs: number;
  readonly readMeanMs: number;
  readonly bootMs: number;
}

/** What a process needs of the world around it. */
export interface ProcessWorld {
  readonly scheduler: Scheduler;
  readonly network: SimNetwork;
  readonly observers: Observers;
  readonly trace: Trace;
  /** Endpoint number behind an address, or −1 if nobody is there. */
  endpointOf(address: Address): number;
  nodeIdOf(endpoint: number): NodeId;
  readonly wire: Wire;
  commanded(id: number, answer: CommandAnswer): void;
  answered(process: SimProcess, id: number, answer: ClientAnswer): void;
  /** Requests this process will never answer: it died. */
  orphaned(process: SimProcess): void;
}

export interface ProcessParts {
  readonly options: NodeOptions;
  readonly disk: SimDisk;
  readonly clock: NodeClock;
  readonly random: Prng;
  readonly pace: Pace;
  readonly make: MachineFactory;
}

export type ProcessState = 'down' | 'starting' | 'up' | 'stopped';
