import { unreachable } from '../base/assert.ts';
import type { NodeId, RingEpoch } from '../base/ids.ts';
import { below } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import { decodeRingDoc, encodeRingDoc } from '../codec/ring-doc.ts';
import type { ReadRow } from '../node/input.ts';
import type { RingAccept, RingMessage, RingPrepare } from './messages.ts';
import { type Joiner, planFirst, planJoin, planReady } from './plan.ts';
import { Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';
import { type RingHost, ringRow, voterRow } from './ring-host.ts';
import { brokenRingLaw, brokenStepLaw } from './ring-law.ts';
import { RingProposal } from './ring-proposal.ts';
import { RingVoter } from './ring-voter.ts';

/** A request to be taken into the ring, or to be made normal, is repeated this often, in ms, until it is granted. */
const askAgainMs = 400;
/** A newer ring that is known of but not here yet is asked for again this often, in ms. */
const fetchAgainMs = 500;
/** The data path may hear of a newer epoch thousands of times a second; one peer is asked no more often than this, in ms. */
const fetchPauseMs = 50;

/**
 * How the cluster agrees on who owns what: one document per epoch, each chosen by Paxos among the owners of the one
 * before. Two laws make it safe. A vote is durable before it is told (`RingVoter`). A ring is durable here before
 * this node acts by it: otherwise a crash could take it back to an epoch whose owners have already moved on, and it
 * would serve requests that nobody fences.
 */
export class RingConsensus {
  readonly #host: RingHost;
  readonly #voter: RingVoter;
  #ring: Ring | null = null;
  /** Epoch of the newest ring on its way to the disk. */
  #adopting: RingEpoch = 0;
  #proposal: RingProposal | null = null;
  #round = 0;
  #joining: Timer | null = null;
  #settling: Timer | null = null;
  /** Peers that spoke of a newer ring than ours. */
  readonly #ahead = new Map<NodeId, { epoch: RingEpoch; askedAt: number }>();

  constructor(host: RingHost) {
    this.#host = host;
    this.#voter = new RingVoter({ ...host, send: (to, message) => this.#send(to, message) });
  }

  /** The ring in force here, or null before this node has heard of any. */
  current(): Ring | null {
    return this.#ring;
  }

  /** Takes over what the disk holds, and begins. */
  boot(rows: readonly (readonly [row: string, value: ReadRow])[]): void {
    const meta = new Map(rows);
    this.#voter.restore(meta.get(voterRow));
    const row = meta.get(ringRow);
    const doc = row instanceof Uint8Array ? decodeRingDoc(row) : null;
    if (doc !== null && brokenRingLaw(doc) === null) this.#enforce(doc);
    this.#host.timers.every(fetchAgainMs, fetchAgainMs, () => this.#fetchAgain());
  }

  /** Founds a cluster: this node is its first owner. Only for a node that knows of no other cluster. */
  bootstrap(clusterId: string, replicas: number): void {
    this.#adopt(planFirst(clusterId, this.#host.self, replicas));
  }

  /** A peer has spoken of a ring epoch; if it is newer than ours the ring is fetched from that peer. */
  heardEpoch(node: NodeId, epoch: RingEpoch): void {
    if (epoch <= this.#adopting || epoch <= (this.#ring?.epoch ?? 0)) return;
    const { now } = this.#host.timers;
    const known = this.#ahead.get(node);
    if (known !== undefined && now - known.askedAt < fetchPauseMs) return;
    this.#ahead.set(node, { epoch, askedAt: now });
    this.#host.send(node, { kind: 'ringFetch' });
  }

  /** Asks members to propose this node's entry into the ring, until a ring lists it. */
  requestJoin(): void {
    this.#joining ??= this.#host.timers.every(askAgainMs, 0, () => this.#askToJoin());
  }

  /** This joining node holds all it is to own: asks to be made normal, until a ring says so. */
  ready(): void {
    this.#settling ??= this.#host.timers.every(askAgainMs, 0, () => this.#askToSettle());
  }

  receive(from: NodeId, message: RingMessage): void {
    switch (message.kind) {
      case 'ringFetch':
        return this.#tell(from);
      case 'ringNews':
        return this.#heard(message.doc);
      case 'ringPrepare':
        if (this.#mayVote(from, message)) this.#voter.prepare(from, message);
        return;
      case 'ringAccept':
        if (this.#mayVote(from, message) && this.#mayBeNext(message.doc)) this.#voter.accept(from, message);
        return;
      case 'ringPromise':
        return this.#proposal?.promise(from, message);
      case 'ringAccepted':
        return this.#proposal?.accepted(from, message);
      case 'ringJoin':
        return this.#onJoin(from, message);
      case 'ringReady':
        return this.#onReady(from, message.nodeId, message.epoch);
      default:
        return unreachable(message);
    }
  }

  /** To others by message, to ourselves directly: this node is one of its own voters. */
  #send(to: NodeId, message: RingMessage): void {
    if (to === this.#host.self.nodeId) this.receive(to, message);
    else this.#host.send(to, message);
  }

  #tell(to: NodeId): void {
    if (this.#ring !== null) this.#send(to, { kind: 'ringNews', doc: this.#ring.doc });
  }

  #heard(doc: RingDoc): void {
    if (this.#ring !== null && doc.clusterId !== this.#ring.doc.clusterId) return;
    if (brokenRingLaw(doc) === null) this.#adopt(doc);
  }

  /**
   * A vote concerns the epoch right after the ring in force, and only that ring's owners have one. Whoever is behind is
   * told the ring; whoever is ahead is asked for it.
   */
  #mayVote(from: NodeId, { epoch }: RingPrepare | RingAccept): boolean {
    const ring = this.#ring;
    if (ring === null || epoch > ring.epoch + 1) {
      this.heardEpoch(from, epoch - 1);
      return false;
    }
    if (epoch <= ring.epoch) {
      this.#tell(from);
      return false;
    }
    return ring.owners.includes(this.#host.self.nodeId);
  }

  #mayBeNext(doc: RingDoc): boolean {
    return this.#ring !== null && brokenStepLaw(this.#ring.doc, doc) === null;
  }

  #onJoin(from: NodeId, joiner: Joiner): void {
    const ring = this.#ring;
    if (ring === null) return;
    if (ring.member(joiner.nodeId) !== null) return this.#tell(from);
    this.#propose(planJoin(ring.doc, joiner));
  }

  #onReady(from: NodeId, nodeId: NodeId, epoch: RingEpoch): void {
    const ring = this.#ring;
    if (ring === null) return;
    if (ring.epoch !== epoch) return this.#tell(from);
    this.#propose(planReady(ring.doc, nodeId));
  }

  /** One proposal at a time; whoever asked in vain asks again. */
  #propose(doc: RingDoc | null): void {
    const ring = this.#ring;
    if (doc === null || ring === null || this.#proposal !== null || this.#adopting > ring.epoch) return;
    const send = (to: NodeId, message: RingMessage) => this.#send(to, message);
    this.#proposal = new RingProposal(this.#host, ring, doc, this.#round, send, (chosen) =>
      this.#onChosen(chosen),
    );
    this.#proposal.start();
  }

  #onChosen(doc: RingDoc): void {
    this.#dropProposal();
    const news: RingMessage = { kind: 'ringNews', doc };
    for (const { nodeId } of doc.members)
      if (nodeId !== this.#host.self.nodeId) this.#host.send(nodeId, news);
    this.#adopt(doc);
  }

  #dropProposal(): void {
    this.#round = Math.max(this.#round, this.#proposal?.round ?? 0);
    this.#proposal?.stop();
    this.#proposal = null;
  }

  #adopt(doc: RingDoc): void {
    if (doc.epoch <= this.#adopting) return;
    this.#adopting = doc.epoch;
    const rows = [
      [ringRow, encodeRingDoc(doc)],
      [voterRow, null],
    ] as const;
    this.#host.persist(rows, () => {
      if (doc.epoch > (this.#ring?.epoch ?? 0)) this.#enforce(doc);
    });
  }

  #enforce(doc: RingDoc): void {
    const previous = this.#ring;
    this.#ring = new Ring(doc);
    this.#adopting = Math.max(this.#adopting, doc.epoch);
    this.#dropProposal();
    for (const [node, { epoch }] of this.#ahead) if (epoch <= doc.epoch) this.#ahead.delete(node);
    this.#host.onRing(this.#ring, previous);
  }

  #fetchAgain(): void {
    for (const [node, { epoch }] of this.#ahead) {
      if (!this.#host.isAlive(node)) this.#ahead.delete(node);
      else return this.heardEpoch(node, epoch);
    }
  }

  #askToJoin(): void {
    const { self } = this.#host;
    if (this.#ring !== null && this.#ring.member(self.nodeId) !== null) {
      this.#joining?.cancel();
      this.#joining = null;
    } else this.#askAnyone({ kind: 'ringJoin', ...self });
  }

  #askToSettle(): void {
    const { nodeId } = this.#host.self;
    const ring = this.#ring;
    if (ring === null || ring.member(nodeId)?.status !== 'joining') {
      this.#settling?.cancel();
      this.#settling = null;
    } else this.#askAnyone({ kind: 'ringReady', nodeId, epoch: ring.epoch });
  }

  #askAnyone(message: RingMessage): void {
    const candidates = this.#host.candidates();
    if (candidates.length > 0)
      this.#host.send(candidates[below(this.#host.random, candidates.length)]!, message);
  }
}
