import type { ClientAnswer, ClientRequest } from '@starling/core/coordinator/request.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { LinkProfile } from './network.ts';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';

/**
 * What a nemesis can do to a cluster, one deed at a time, in the words of the scenario language. Nodes go by their
 * names; times are virtual ms.
 */
export interface FaultVerbs {
  cutOneWay(from: string, to: string): unknown;
  mendOneWay(from: string, to: string): unknown;
  clog(from: string, to: string, forMs: number): unknown;
  resetConnection(a: string, b: string, halfOpen: boolean): unknown;
  weather(link: LinkProfile): unknown;
  kill(name: string): unknown;
  powerCut(name: string): unknown;
  start(name: string): unknown;
  pause(name: string): unknown;
  resume(name: string): unknown;
  shutDown(name: string): unknown;
  slowDisk(name: string, times: number): unknown;
  failDisk(name: string): unknown;
  mendDisk(name: string): unknown;
  fillDisk(name: string, bytesLeft: number): unknown;
  emptyDisk(name: string): unknown;
  jumpClock(name: string, ms: number): unknown;
  freezeClock(name: string): unknown;
  thawClock(name: string): unknown;
  /** Every fault ends, and every process runs again. */
  endFaults(): unknown;
  /** A fault that may strike only within the fault budget, and so decides by itself whether and how. */
  strike(kind: FaultKind, durationMs: number, draw: number): unknown;
}

/** Hears what is done to a cluster and asked of it, as it happens: enough to do and ask the same again. */
export interface Chronicle {
  /** The safety phase begins, from which times are told. */
  begin(world: World): void;
  did<Verb extends keyof FaultVerbs>(verb: Verb, ...args: Parameters<FaultVerbs[Verb]>): void;
  called(id: number, process: SimProcess, request: ClientRequest, mono: number, wall: number): void;
  answered(id: number, answer: ClientAnswer): void;
  abandoned(id: number): void;
  /** Every fault is about to end; requests go on until their clients are done. */
  end(): void;
}
