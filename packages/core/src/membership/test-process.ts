/** For tests only: one process that speaks SWIM, and all that its host was told. */
import type { Address, NodeId } from '../base/ids.ts';
import { type Random, randomHex } from '../base/random.ts';
import { Timers } from '../base/timers.ts';
import type { Member, MemberChange } from './member.ts';
import type { Peer, SwimNotice, SwimOptions, Via } from './options.ts';
import type { MemberFacts, MemberStatus, SwimPacket } from './packet.ts';
import { Swim } from './swim.ts';
import { nodeId } from './test-names.ts';

/** What a process needs of its world. */
export interface Surroundings {
  readonly now: number;
  readonly random: Random;
  freshAddress(): Address;
  post(sender: Process, to: Address, via: Via, packet: SwimPacket): void;
  onChange(observer: Process, member: Member, change: MemberChange): void;
}

export interface Birth extends Partial<Omit<SwimOptions, 'nodeId' | 'address' | 'facts'>> {
  readonly seeds?: readonly Address[];
  readonly remembered?: readonly Peer[];
  readonly address?: Address;
  readonly facts?: Partial<MemberFacts>;
}

export interface Letter {
  readonly from: Address;
  readonly via: Via;
  readonly packet: SwimPacket;
}

/** One process and all that its host was told. */
export class Process {
  readonly name: NodeId;
  readonly address: Address;
  readonly instanceId: string;
  readonly bootCounter: number;
  readonly timers = new Timers();
  readonly changes: { readonly at: number; readonly member: Member; readonly change: MemberChange }[] = [];
  readonly notices: SwimNotice[] = [];
  readonly inbox: Letter[] = [];
  readonly swim: Swim;
  peers: readonly Peer[];
  state: 'up' | 'paused' | 'down' = 'up';
  /** Every packet in and out takes this much longer: a process that gets too little CPU. */
  slowMs = 0;
  wakeAt = Number.POSITIVE_INFINITY;

  constructor(name: NodeId, birth: Birth, world: Surroundings) {
    this.name = name;
    this.address = birth.address ?? world.freshAddress();
    this.instanceId = birth.instanceId ?? randomHex(world.random, 16);
    this.bootCounter = birth.bootCounter ?? 1;
    this.peers = birth.remembered ?? [];
    this.timers.advance(world.now);
    const facts = {
      clusterId: '',
      ringEpoch: 0,
      version: '1.0.0',
      zone: 'a',
      state: 'normal',
      ...birth.facts,
    };
    const { name: id, address: at, instanceId, bootCounter } = this;
    const tuned = {
      ...(birth.tuning && { tuning: birth.tuning }),
      ...(birth.limits && { limits: birth.limits }),
    };
    this.swim = new Swim(
      { nodeId: id, address: at, instanceId, bootCounter, facts, ...tuned },
      {
        timers: this.timers,
        random: world.random,
        wallMs: () => 1_700_000_000_000 + world.now,
        sendPacket: (to, via, packet) => world.post(this, to, via, packet),
        onMember: (member, change) => {
          this.changes.push({ at: world.now, member, change });
          world.onChange(this, member, change);
        },
        onPeersChanged: (peers) => {
          this.peers = peers;
        },
        onNotice: (notice) => this.notices.push(notice),
      },
    );
  }

  status(of: string): MemberStatus | null {
    return this.swim.member(nodeId(of))?.status ?? null;
  }

  noticed(type: SwimNotice['type']): boolean {
    return this.notices.some((notice) => notice.type === type);
  }
}
