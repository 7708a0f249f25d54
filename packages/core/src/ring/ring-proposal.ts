import type { NodeId } from '../base/ids.ts';
import { below } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import { compareBallots } from '../paxos/ballot.ts';
import { Proposer, type ProposerStep } from '../paxos/proposer.ts';
import type { RingAccepted, RingMessage, RingPromise } from './messages.ts';
import type { Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';
import type { RingHost } from './ring-host.ts';

/** Pause before a ballot that got nowhere is followed by a higher one, in ms: doubled each time up to the bound. */
const retryMsMin = 300;
const retryMsMax = 2000;

/** What a proposal needs beside the host: the way to the voters (this node among them) and to the outcome. */
export interface ProposalPorts {
  send(to: NodeId, message: RingMessage): void;
  /** Round of the highest ballot this node's own voter has promised for the epoch. */
  promisedRound(): number;
  chosen(doc: RingDoc): void;
}

/**
 * This owner's attempt to have one change chosen as the next ring. It goes on, with ever higher ballots, until some ring
 * is chosen for that epoch, be it this one or another.
 *
 * A ballot must never be used twice, or two values could be accepted under one. The actor in it does not see to that: a
 * node that stopped cleanly goes on under its old one. So each ballot is first promised by this node's own voter, and the
 * others hear of it only when that promise is durable: every later life starts above it.
 */
export class RingProposal {
  readonly #host: RingHost;
  readonly #ring: Ring;
  readonly #doc: RingDoc;
  readonly #ports: ProposalPorts;
  #proposer: Proposer<RingDoc>;
  /** The others have been asked to promise the present ballot. */
  #announced = false;
  #attempts = 0;
  #retry: Timer | null = null;

  constructor(host: RingHost, ring: Ring, doc: RingDoc, ports: ProposalPorts) {
    this.#host = host;
    this.#ring = ring;
    this.#doc = doc;
    this.#ports = ports;
    this.#proposer = this.#nextBallot(0);
  }

  start(): void {
    const pause = Math.min(retryMsMax, retryMsMin * 2 ** this.#attempts++);
    this.#retry = this.#host.timers.after(pause + below(this.#host.random, pause), () => {
      this.#proposer = this.#nextBallot(this.#proposer.refusedBy?.round ?? 0);
      this.start();
    });
    this.#announced = false;
    this.#ports.send(this.#self, this.#prepare());
  }

  stop(): void {
    this.#retry?.cancel();
  }

  promise(from: NodeId, { epoch, ballot, promised, accepted }: RingPromise): void {
    if (epoch !== this.#doc.epoch) return;
    const value = accepted === null ? null : { ballot: accepted.ballot, value: accepted.doc };
    const step = this.#proposer.promise(from, ballot, promised, value);
    if (from === this.#self && this.#isOurs(ballot) && this.#isOurs(promised)) this.#announce();
    this.#follow(step);
  }

  accepted(from: NodeId, { epoch, ballot, promised }: RingAccepted): void {
    if (epoch === this.#doc.epoch) this.#follow(this.#proposer.accepted(from, ballot, promised));
  }

  get #self(): NodeId {
    return this.#host.self.nodeId;
  }

  #follow(step: ProposerStep<RingDoc>): void {
    if (step.type === 'chosen') {
      this.stop();
      this.#ports.chosen(step.value);
    } else if (step.type === 'accept') {
      const { epoch } = this.#doc;
      const message: RingMessage = {
        kind: 'ringAccept',
        epoch,
        ballot: this.#proposer.ballot,
        doc: step.value,
      };
      for (const voter of this.#ring.owners) this.#ports.send(voter, message);
    }
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    for (const voter of this.#ring.owners) if (voter !== this.#self) this.#ports.send(voter, this.#prepare());
  }

  #prepare(): RingMessage {
    return { kind: 'ringPrepare', epoch: this.#doc.epoch, ballot: this.#proposer.ballot };
  }

  #isOurs(ballot: RingPromise['ballot']): boolean {
    return compareBallots(ballot, this.#proposer.ballot) === 0;
  }

  #nextBallot(refusedAtRound: number): Proposer<RingDoc> {
    const round = Math.max(this.#ports.promisedRound(), refusedAtRound) + 1;
    return new Proposer({ round, actor: this.#host.actor() }, this.#ring.owners, this.#doc);
  }
}
