import { unreachable } from '../base/assert.ts';
import type { MonoMs, NodeId, RingEpoch } from '../base/ids.ts';
import { decodeRingDoc, encodeRingDoc } from '../codec/ring-doc.ts';
import type { RowWrite } from '../node/effect.ts';
import type { ReadRow } from '../node/input.ts';
import { type CommandAnswer, CommandDesk } from './command-desk.ts';
import { memberOf } from './members.ts';
import type { RingAccept, RingJoin, RingMessage, RingPrepare } from './messages.ts';
import { ruleOn } from './operation-list.ts';
import { planFirst } from './plan.ts';
import { Ring } from './ring.ts';
import { RingAsking } from './ring-asking.ts';
import type { RingDoc } from './ring-doc.ts';
import { RingFetching } from './ring-fetching.ts';
import { departedMark, departedRow, type RingHost, ringRow, voterRow } from './ring-host.ts';
import { brokenRingLaw, brokenStepLaw } from './ring-law.ts';
import type { RingCommand } from './ring-operation.ts';
import { RingProgress } from './ring-progress.ts';
import { RingProposal } from './ring-proposal.ts';
import { RingVoter } from './ring-voter.ts';
import { UndecidedRing } from './undecided-ring.ts';

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
  readonly #fetching: RingFetching;
  readonly #progress: RingProgress;
  readonly #asking: RingAsking;
  readonly #desk: CommandDesk;
  readonly #undecided: UndecidedRing;
  #ring: Ring | null = null;
  /** The newest ring that is on disk or on its way there. */
  #newest: RingDoc | null = null;
  /** There was a ring on disk, and it cannot be read. */
  #lostRing = false;
  #proposal: RingProposal | null = null;
  /** This node was in the ring once and is not any more: it stays out until it is told to join. */
  #departed = false;

  constructor(host: RingHost) {
    this.#host = host;
    this.#voter = new RingVoter(host, (to, message) => this.#send(to, message));
    this.#fetching = new RingFetching(host);
    this.#undecided = new UndecidedRing(host, {
      accepted: () => this.#ownRing && this.#voter.acceptedFor(this.#ownRing.epoch + 1),
      propose: (doc) => this.#ownRing && this.#propose(this.#ownRing, () => doc),
    });
    this.#progress = new RingProgress(host, () => this.#advance());
    this.#asking = new RingAsking(host, {
      ring: () => this.#ring,
      departed: () => this.#departed,
      send: (to, message) => this.#send(to, message),
    });
    this.#desk = new CommandDesk({
      timers: host.timers,
      ring: () => this.#ring,
      ask: (command) => this.#asking.someone({ kind: 'ringAsk', command }),
    });
  }

  /** The ring in force here, or null before this node has heard of any. */
  current(): Ring | null {
    return this.#ring;
  }

  /** Nothing leads to another ring: no proposal, no command, nothing accepted that may have been chosen unheard of. */
  get isAtRest(): boolean {
    return this.#proposal === null && this.#desk.isEmpty && this.#undecided.doc === null;
  }

  /** Takes over what the disk holds, and begins. */
  boot(rows: readonly (readonly [row: string, value: ReadRow])[]): void {
    const meta = new Map(rows);
    const row = meta.get(ringRow) ?? null;
    const stored = row instanceof Uint8Array ? decodeRingDoc(row) : null;
    const doc = stored !== null && brokenRingLaw(stored) === null ? stored : null;
    this.#lostRing = row !== null && doc === null;
    this.#departed = meta.has(departedRow);
    this.#voter.restore(meta.get(voterRow) ?? null, this.#lostRing ? null : (doc?.epoch ?? 0));
    if (doc !== null) this.#enforce(doc);
    this.#fetching.start();
    this.#undecided.start();
  }

  /**
   * Founds a cluster: this node is its first owner. Only for a node that knows of no other cluster; one whose own ring
   * cannot be read belonged to a cluster, and has to hear of it from the others.
   */
  bootstrap(clusterId: string, replicas: number): void {
    const first = this.#newest === null && !this.#lostRing;
    if (first) this.#adopt(planFirst(clusterId, this.#host.self, replicas));
  }

  /** A peer has spoken of a ring epoch; if it is newer than ours the ring is fetched from that peer. */
  heardEpoch(node: NodeId, epoch: RingEpoch): void {
    if (epoch > (this.#newest?.epoch ?? 0)) this.#fetching.heard(node, epoch);
  }

  /** Asks members to propose this node's entry into the ring, until a ring lists it. */
  requestJoin(): void {
    this.#asking.join();
  }

  /** Whether this node has been in the ring and is not any more. */
  get departed(): boolean {
    return this.#departed;
  }

  /** A node that has left the ring is to come back, as a new member. */
  rejoin(): void {
    if (!this.#departed) return;
    this.#departed = false;
    this.#host.persist([[departedRow, null]], () => this.requestJoin());
  }

  /** This node holds all that the change in progress gives it: says so until a later ring comes. */
  ready(): void {
    this.#asking.ready();
  }

  /** Has a command carried out; `then` is called once, by `deadlineAt` at the latest. */
  command(command: RingCommand, deadlineAt: MonoMs, then: (answer: CommandAnswer) => void): void {
    this.#desk.run(command, deadlineAt, then);
  }

  /** Who is still to say that it has taken over what the change in progress gives it. */
  get awaited(): readonly NodeId[] {
    return this.#progress.awaited;
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
        if (!this.#mayVote(from, message) || brokenStepLaw(this.#ring!.doc, message.doc) !== null) return;
        return this.#voter.accept(from, message);
      case 'ringPromise':
        return this.#proposal?.promise(from, message);
      case 'ringAccepted':
        return this.#proposal?.accepted(from, message);
      case 'ringJoin':
        return this.#onJoin(from, message);
      case 'ringReady':
        return this.#onReady(from, message.nodeId, message.epoch);
      case 'ringAsk':
        return this.#onAsk(from, message.command);
      case 'ringRefused':
        return this.#desk.refused(message.id, message.command, message.refusal);
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

  /** The ring in force, if this node is one of its owners. */
  get #ownRing(): Ring | null {
    return this.#ring !== null && this.#isOwner(this.#ring) ? this.#ring : null;
  }

  #onJoin(from: NodeId, joiner: RingJoin): void {
    const ring = this.#ring;
    if (ring === null || from !== joiner.nodeId) return;
    // Whoever cannot propose tells who can.
    if (ring.member(joiner.nodeId) !== null || !this.#isOwner(ring)) return this.#tell(from);
    this.#propose(ring, () => this.#progress.admitting(ring, joiner));
  }

  #onReady(from: NodeId, nodeId: NodeId, epoch: RingEpoch): void {
    if (this.#ring === null || from !== nodeId) return;
    if (this.#ring.epoch !== epoch || !this.#isOwner(this.#ring)) return this.#tell(from);
    this.#progress.ready(nodeId);
    this.#advance();
  }

  #onAsk(from: NodeId, command: RingCommand): void {
    const ring = this.#ring;
    if (ring === null) return;
    if (!this.#isOwner(ring)) return this.#tell(from);
    const ruling = ruleOn(ring.doc, command);
    if (ruling.type === 'granted') return this.#tell(from);
    const refusal = ruling.type === 'refused' ? ruling.refusal : this.#progress.objection(command);
    if (refusal !== null)
      return this.#send(from, { kind: 'ringRefused', id: command.id, command: command.kind, refusal });
    this.#propose(ring, () => (ruling.type === 'next' ? ruling.doc : null));
  }

  /** Proposes what is due, when it is this owner's turn. */
  #advance(): void {
    const ring = this.#ownRing;
    if (ring !== null) this.#propose(ring, () => this.#progress.due(ring));
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
    // Those that were members are told too: whoever has left has data to hand over and to free.
    const told = new Set([...(this.#ring?.doc.members ?? []), ...doc.members].map(({ nodeId }) => nodeId));
    for (const nodeId of told)
      if (nodeId !== this.#host.self.nodeId) this.#host.send(nodeId, { kind: 'ringNews', doc });
    this.#adopt(doc);
  }

  #dropProposal(): void {
    this.#proposal?.stop();
    this.#proposal = null;
  }

  #adopt(doc: RingDoc): void {
    const before = this.#newest;
    if (doc.epoch <= (before?.epoch ?? 0)) return;
    this.#newest = doc;
    const rows: RowWrite[] = [
      [ringRow, encodeRingDoc(doc)],
      [voterRow, this.#voter.rowUnder(doc.epoch)],
    ];
    // In the batch of the ring that no longer lists it: a life that forgot would ask to be let in again.
    if (this.#departed !== this.#isOutBy(before, doc)) {
      this.#departed = !this.#departed;
      rows.push([departedRow, this.#departed ? departedMark : null]);
    }
    this.#host.persist(rows, () => {
      // A later ring may have become durable by the same sync, and be in force already.
      if (doc.epoch > (this.#ring?.epoch ?? 0)) this.#enforce(doc);
    });
  }

  /** Whether this node has left the ring, by the newest document and the one before. */
  #isOutBy(before: RingDoc | null, doc: RingDoc): boolean {
    const { nodeId } = this.#host.self;
    if (memberOf(doc, nodeId) !== null) return false;
    return this.#departed || (before !== null && memberOf(before, nodeId) !== null);
  }

  #enforce(doc: RingDoc): void {
    const previous = this.#ring;
    this.#ring = new Ring(doc);
    this.#progress.enforced(this.#ring);
    if (this.#newest === null || doc.epoch > this.#newest.epoch) this.#newest = doc;
    this.#dropProposal();
    this.#fetching.enforced(doc.epoch);
    this.#host.onRing(this.#ring, previous);
    this.#desk.ringChanged();
  }
}
