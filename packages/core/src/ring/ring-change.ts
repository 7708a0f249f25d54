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
/** A document accepted here whose fate is not known after this long, in ms, is proposed again by this node. */
const settleAfterMs = 3000;

/**
 * How the cluster agrees on who owns what: one document per epoch, each chosen by Paxos among the owners of the one
 * before. Three laws make it safe:
 *
 * 1. A vote is durable before it is told (`RingVoter`), and a ballot before it is announced (`RingProposal`).
 * 2. A ring is durable here before this node acts by it, be it to answer requests under it or to vote on the next. Otherwise
 *    a crash could take the node back to an epoch which it has helped to end: a quorum of the new epoch counted on it
 *    to refuse requests of the old one, and it would serve them again.
 * 3. A node goes from a ring only to a later one of the same cluster, so what it has refused once it refuses for ever.
 */
export class RingConsensus {
  readonly #host: RingHost;
  readonly #voter: RingVoter;
  #ring: Ring | null = null;
  /** The newest ring that is on disk or on its way there. */
  #newest: RingDoc | null = null;
  /** There was a ring on disk, and it cannot be read. */
  #lostRing = false;
  #proposal: RingProposal | null = null;
  /** Accepted here when last looked, and not known to be chosen. */
  #undecided: RingDoc | null = null;
  #joining: Timer | null = null;
  #settling: Timer | null = null;
  /** Peers that spoke of a newer ring than ours. */
  readonly #ahead = new Map<NodeId, { epoch: RingEpoch; askedAt: number }>();

  constructor(host: RingHost) {
    this.#host = host;
    this.#voter = new RingVoter(host, (to, message) => this.#send(to, message));
  }

  /** The ring in force here, or null before this node has heard of any. */
  current(): Ring | null {
    return this.#ring;
  }

  /** Takes over what the disk holds, and begins. */
  boot(rows: readonly (readonly [row: string, value: ReadRow])[]): void {
    const meta = new Map(rows);
    const row = meta.get(ringRow) ?? null;
    const stored = row instanceof Uint8Array ? decodeRingDoc(row) : null;
    const doc = stored !== null && brokenRingLaw(stored) === null ? stored : null;
    this.#lostRing = row !== null && doc === null;
    this.#voter.restore(meta.get(voterRow) ?? null, this.#lostRing ? null : (doc?.epoch ?? 0));
    if (doc !== null) this.#enforce(doc);
    const { timers, random } = this.#host;
    timers.every(fetchAgainMs, fetchAgainMs, () => this.#fetchAgain());
    timers.every(settleAfterMs, below(random, settleAfterMs), () => this.#settleUndecided());
  }

  /**
   * Founds a cluster: this node is its first owner. Only for a node that knows of no other cluster; one whose own ring
   * cannot be read belonged to a cluster, and has to hear of it from the others.
   */
  bootstrap(clusterId: string, replicas: number): void {
    if (this.#newest === null && !this.#lostRing)
      this.#adopt(planFirst(clusterId, this.#host.self, replicas));
  }

  /** A peer has spoken of a ring epoch; if it is newer than ours the ring is fetched from that peer. */
  heardEpoch(node: NodeId, epoch: RingEpoch): void {
    if (epoch <= (this.#newest?.epoch ?? 0)) return;
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

  /** This joining node holds all that the ring in force gives it: asks to be made normal, until a later ring comes. */
  ready(): void {
    const epoch = this.#ring?.epoch ?? 0;
    this.#settling?.cancel();
    this.#settling = this.#host.timers.every(askAgainMs, 0, () => this.#askToSettle(epoch));
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
    const known = this.#newest;
    if (known !== null && (doc.clusterId !== known.clusterId || doc.epoch <= known.epoch)) return;
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
    return this.#isOwner(ring) && this.#voter.mayVoteOn(epoch);
  }

  #isOwner(ring: Ring): boolean {
    return ring.owners.includes(this.#host.self.nodeId);
  }

  #mayBeNext(doc: RingDoc): boolean {
    return this.#ring !== null && brokenStepLaw(this.#ring.doc, doc) === null;
  }

  #onJoin(from: NodeId, joiner: Joiner): void {
    const ring = this.#ring;
    if (ring === null || from !== joiner.nodeId) return;
    // Whoever cannot propose tells who can.
    if (ring.member(joiner.nodeId) !== null || !this.#isOwner(ring)) return this.#tell(from);
    this.#propose(ring, () => planJoin(ring.doc, joiner));
  }

  #onReady(from: NodeId, nodeId: NodeId, epoch: RingEpoch): void {
    const ring = this.#ring;
    if (ring === null || from !== nodeId) return;
    if (ring.epoch !== epoch || !this.#isOwner(ring)) return this.#tell(from);
    this.#propose(ring, () => planReady(ring.doc, nodeId));
  }

  /**
   * What was accepted here may have been chosen and its proposer lost before anyone heard. It is brought to an end by
   * whoever holds it, so that an epoch never stays half decided for want of somebody who wants a change.
   */
  #settleUndecided(): void {
    const ring = this.#ring;
    const accepted = ring === null ? null : this.#voter.acceptedFor(ring.epoch + 1);
    const still = accepted !== null && accepted === this.#undecided;
    this.#undecided = accepted;
    if (ring !== null && still && this.#isOwner(ring)) this.#propose(ring, () => accepted);
  }

  /** One proposal at a time, by a plan on the ring in force; whoever asked in vain asks again. */
  #propose(ring: Ring, plan: () => RingDoc | null): void {
    if (this.#proposal !== null || this.#newest?.epoch !== ring.epoch) return;
    const doc = plan();
    if (doc === null) return;
    this.#proposal = new RingProposal(this.#host, ring, doc, {
      send: (to, message) => this.#send(to, message),
      promisedRound: () => this.#voter.promisedRound(doc.epoch),
      chosen: (chosen) => this.#onChosen(chosen),
    });
    this.#proposal.start();
  }

  #onChosen(doc: RingDoc): void {
    this.#dropProposal();
    const news: RingMessage = { kind: 'ringNews', doc };
    for (const { nodeId } of doc.members) {
      if (nodeId !== this.#host.self.nodeId) this.#host.send(nodeId, news);
    }
    this.#adopt(doc);
  }

  #dropProposal(): void {
    this.#proposal?.stop();
    this.#proposal = null;
  }

  #adopt(doc: RingDoc): void {
    if (this.#newest !== null && doc.epoch <= this.#newest.epoch) return;
    this.#newest = doc;
    const rows = [
      [ringRow, encodeRingDoc(doc)],
      [voterRow, this.#voter.rowUnder(doc.epoch)],
    ] as const;
    this.#host.persist(rows, () => {
      // A later ring may have become durable by the same sync, and be in force already.
      if (doc.epoch > (this.#ring?.epoch ?? 0)) this.#enforce(doc);
    });
  }

  #enforce(doc: RingDoc): void {
    const previous = this.#ring;
    this.#ring = new Ring(doc);
    if (this.#newest === null || doc.epoch > this.#newest.epoch) this.#newest = doc;
    this.#dropProposal();
    for (const [node, { epoch }] of this.#ahead) if (epoch <= doc.epoch) this.#ahead.delete(node);
    this.#host.onRing(this.#ring, previous);
  }

  /** Asks one of the peers that are ahead, each in turn: the first may be one that never answers. */
  #fetchAgain(): void {
    let next: { node: NodeId; epoch: RingEpoch; askedAt: number } | null = null;
    for (const [node, { epoch, askedAt }] of this.#ahead) {
      if (!this.#host.isAlive(node)) this.#ahead.delete(node);
      else if (next === null || askedAt < next.askedAt) next = { node, epoch, askedAt };
    }
    if (next !== null) this.heardEpoch(next.node, next.epoch);
  }

  #askToJoin(): void {
    const { self } = this.#host;
    if (this.#ring !== null && this.#ring.member(self.nodeId) !== null) {
      this.#joining?.cancel();
      this.#joining = null;
    } else this.#askSomeone({ kind: 'ringJoin', ...self });
  }

  #askToSettle(epoch: RingEpoch): void {
    const { nodeId } = this.#host.self;
    const ring = this.#ring;
    if (ring?.epoch !== epoch || ring.member(nodeId)?.status !== 'joining') {
      this.#settling?.cancel();
      this.#settling = null;
    } else this.#askSomeone({ kind: 'ringReady', nodeId, epoch });
  }

  /** An owner, since only owners propose; or, where this node's ring is none or long past, anyone who has a ring. */
  #askSomeone(message: RingMessage): void {
    const owners = (this.#ring?.owners ?? []).filter((node) => this.#host.isAlive(node));
    const candidates = owners.length > 0 ? owners : this.#host.candidates();
    if (candidates.length === 0) return;
    this.#host.send(candidates[below(this.#host.random, candidates.length)]!, message);
  }
}
