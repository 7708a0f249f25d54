import type { ActorId, NodeId, RingEpoch } from '../base/ids.ts';
import { below, type Random } from '../base/random.ts';
import type { Timer, Timers } from '../base/timers.ts';
import { utf8Bytes, utf8Text } from '../base/utf8.ts';
import type { RowWrite } from '../node/effect.ts';
import type { ReadRow } from '../node/input.ts';
import { type Ballot, compareBallots, noBallot } from '../paxos/ballot.ts';
import { allocateTokens, firstTokens } from './allocate.ts';
import type { RingMessage } from './messages.ts';
import { Ring } from './ring.ts';
import type { RingDoc, RingMember } from './ring-doc.ts';

/** Interim: stands in until the ring's own consensus is in place. */
export interface RingHost {
  readonly timers: Timers;
  readonly random: Random;
  readonly self: NodeId;
  readonly zone: string;
  readonly weight: number;
  actor(): ActorId;
  send(to: NodeId, message: RingMessage): void;
  persist(rows: readonly RowWrite[], then: () => void): void;
  isAlive(node: NodeId): boolean;
  candidates(): NodeId[];
  onRing(ring: Ring, previous: Ring | null): void;
}
interface AcceptorState {
  epoch: RingEpoch;
  promised: Ballot;
  accepted: { ballot: Ballot; doc: RingDoc } | null;
}
export class RingConsensus {
  #ring: Ring | null = null;
  #adopting = 0;
  #acceptor: AcceptorState = { epoch: 0, promised: noBallot, accepted: null };
  #proposal: {
    epoch: number;
    ballot: Ballot;
    plan: (ring: Ring) => RingDoc | null;
    doc: RingDoc;
    phase: 1 | 2;
    promises: Map<NodeId, { ballot: Ballot; doc: RingDoc } | null>;
    accepts: Set<NodeId>;
    timer: Timer;
    attempts: number;
  } | null = null;
  #round = 0;
  #join: Timer | null = null;
  #readyTimer: Timer | null = null;
  #heard = new Map<NodeId, number>();
  constructor(readonly host: RingHost) {}
  current(): Ring | null {
    return this.#ring;
  }
  boot(rows: readonly (readonly [string, ReadRow])[]): void {
    const meta = new Map(rows);
    const paxos = meta.get('m/ring-paxos');
    if (paxos instanceof Uint8Array) this.#acceptor = JSON.parse(utf8Text(paxos)!);
    const ring = meta.get('m/ring');
    if (ring instanceof Uint8Array) {
      this.#ring = new Ring(JSON.parse(utf8Text(ring)!));
      this.#adopting = this.#ring.epoch;
      this.host.onRing(this.#ring, null);
    }
    this.host.timers.every(1000, 1000, () => {
      for (const [n, e] of this.#heard)
        if (e > (this.#ring?.epoch ?? 0) && this.host.isAlive(n))
          return this.host.send(n, { kind: 'ringFetch' });
    });
  }
  bootstrap(
    clusterId: string,
    node: { nodeId: NodeId; zone: string; weight: number },
    replicas: number,
  ): void {
    this.#adopt({
      clusterId,
      epoch: 1,
      replicas,
      members: [{ ...node, status: 'normal', tokens: firstTokens(node.weight) }],
    });
  }
  heardEpoch(node: NodeId, epoch: RingEpoch): void {
    if (epoch <= Math.max(this.#adopting, this.#ring?.epoch ?? 0)) return;
    this.#heard.set(node, epoch);
    this.host.send(node, { kind: 'ringFetch' });
  }
  requestJoin(): void {
    if (this.#join !== null) return;
    this.#join = this.host.timers.every(400, 0, () => {
      if (this.#ring?.member(this.host.self) != null) {
        this.#join?.cancel();
        this.#join = null;
        return;
      }
      const c = this.host.candidates();
      if (c.length > 0)
        this.host.send(c[below(this.host.random, c.length)]!, {
          kind: 'ringJoin',
          nodeId: this.host.self,
          zone: this.host.zone,
          weight: this.host.weight,
        });
    });
  }
  ready(): void {
    this.#readyTimer?.cancel();
    this.#readyTimer = this.host.timers.every(400, 0, () => {
      const m = this.#ring?.member(this.host.self);
      if (m == null || m.status !== 'joining') {
        this.#readyTimer?.cancel();
        return;
      }
      const c = this.host.candidates();
      if (c.length > 0)
        this.host.send(c[below(this.host.random, c.length)]!, {
          kind: 'ringReady',
          nodeId: this.host.self,
          epoch: this.#ring!.epoch,
        });
    });
  }
  #send(to: NodeId, m: RingMessage): void {
    if (to === this.host.self) this.receive(to, m);
    else this.host.send(to, m);
  }
  receive(from: NodeId, m: RingMessage): void {
    const ring = this.#ring;
    switch (m.kind) {
      case 'ringFetch':
        if (ring) this.#send(from, { kind: 'ringNews', doc: ring.doc });
        return;
      case 'ringNews':
        if (!ring || ring.doc.clusterId === m.doc.clusterId) this.#adopt(m.doc);
        return;
      case 'ringJoin': {
        if (!ring) return;
        if (ring.member(m.nodeId)) return this.#send(from, { kind: 'ringNews', doc: ring.doc });
        return this.#propose((r) =>
          r.changing || r.member(m.nodeId)
            ? null
            : next(r, [
                ...r.doc.members,
                {
                  nodeId: m.nodeId,
                  zone: m.zone,
                  weight: m.weight,
                  status: 'joining',
                  tokens: allocateTokens(r.doc.members, m, r.doc.replicas),
                },
              ]),
        );
      }
      case 'ringReady':
        if (!ring || ring.epoch !== m.epoch) return;
        return this.#propose((r) =>
          r.member(m.nodeId)?.status === 'joining'
            ? next(
                r,
                r.doc.members.map((x) => (x.nodeId === m.nodeId ? { ...x, status: 'normal' } : x)),
              )
            : null,
        );
      case 'ringPrepare':
      case 'ringAccept': {
        if (!ring) return;
        if (m.epoch <= ring.epoch) return this.#send(from, { kind: 'ringNews', doc: ring.doc });
        if (m.epoch > ring.epoch + 1) return this.heardEpoch(from, m.epoch - 1);
        if (!ring.owners.includes(this.host.self)) return;
        if (this.#acceptor.epoch !== m.epoch)
          this.#acceptor = { epoch: m.epoch, promised: noBallot, accepted: null };
        const a = this.#acceptor;
        const ok = compareBallots(m.ballot, a.promised) >= 0;
        if (ok) {
          a.promised = m.ballot;
          if (m.kind === 'ringAccept') a.accepted = { ballot: m.ballot, doc: m.doc };
        }
        const reply: RingMessage =
          m.kind === 'ringPrepare'
            ? {
                kind: 'ringPromise',
                epoch: m.epoch,
                ballot: m.ballot,
                promised: a.promised,
                accepted: a.accepted,
              }
            : { kind: 'ringAccepted', epoch: m.epoch, ballot: m.ballot, promised: a.promised };
        if (ok)
          this.host.persist([['m/ring-paxos', utf8Bytes(JSON.stringify(a))]], () => this.#send(from, reply));
        else this.#send(from, reply);
        return;
      }
      case 'ringPromise': {
        const p = this.#proposal;
        if (!p || p.epoch !== m.epoch || p.phase !== 1 || compareBallots(p.ballot, m.ballot) !== 0 || !ring)
          return;
        this.#round = Math.max(this.#round, m.promised.round);
        if (compareBallots(m.promised, m.ballot) !== 0) return;
        p.promises.set(from, m.accepted);
        if (p.promises.size <= ring.owners.length / 2) return;
        p.phase = 2;
        let best: { ballot: Ballot; doc: RingDoc } | null = null;
        for (const v of p.promises.values())
          if (v && (!best || compareBallots(v.ballot, best.ballot) > 0)) best = v;
        if (best) p.doc = best.doc;
        for (const n of ring.owners)
          this.#send(n, { kind: 'ringAccept', epoch: p.epoch, ballot: p.ballot, doc: p.doc });
        return;
      }
      case 'ringAccepted': {
        const p = this.#proposal;
        if (!p || p.epoch !== m.epoch || p.phase !== 2 || compareBallots(p.ballot, m.ballot) !== 0 || !ring)
          return;
        this.#round = Math.max(this.#round, m.promised.round);
        if (compareBallots(m.promised, m.ballot) !== 0) return;
        p.accepts.add(from);
        if (p.accepts.size <= ring.owners.length / 2) return;
        const { doc } = p;
        p.timer.cancel();
        this.#proposal = null;
        for (const x of doc.members)
          if (x.nodeId !== this.host.self) this.#send(x.nodeId, { kind: 'ringNews', doc });
        this.#adopt(doc);
      }
    }
  }
  #propose(plan: (ring: Ring) => RingDoc | null): void {
    if (this.#proposal === null) this.#start(plan, 0);
  }
  #start(plan: (ring: Ring) => RingDoc | null, attempts: number): void {
    this.#proposal = null;
    const ring = this.#ring;
    const doc = ring ? plan(ring) : null;
    if (!ring || !doc || attempts > 20) return;
    const ballot = { round: ++this.#round, actor: this.host.actor() };
    const timer = this.host.timers.after(300 + below(this.host.random, 500), () =>
      this.#start(plan, attempts + 1),
    );
    this.#proposal = {
      epoch: ring.epoch + 1,
      ballot,
      plan,
      doc,
      phase: 1,
      promises: new Map(),
      accepts: new Set(),
      timer,
      attempts,
    };
    for (const n of ring.owners) this.#send(n, { kind: 'ringPrepare', epoch: ring.epoch + 1, ballot });
  }
  #adopt(doc: RingDoc): void {
    if (doc.epoch <= this.#adopting) return;
    this.#adopting = doc.epoch;
    this.host.persist([['m/ring', utf8Bytes(JSON.stringify(doc))]], () => {
      const previous = this.#ring;
      if (previous && previous.epoch >= doc.epoch) return;
      this.#ring = new Ring(doc);
      this.#acceptor = { epoch: 0, promised: noBallot, accepted: null };
      if (this.#proposal) {
        this.#proposal.timer.cancel();
        this.#proposal = null;
      }
      this.host.onRing(this.#ring, previous);
    });
  }
}
function next(r: Ring, members: readonly RingMember[]): RingDoc {
  return {
    ...r.doc,
    epoch: r.epoch + 1,
    members: [...members].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1)),
  };
}
