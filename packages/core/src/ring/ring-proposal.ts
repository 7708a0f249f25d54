import type { NodeId } from '../base/ids.ts';
import { below } from '../base/random.ts';
import type { Timer } from '../base/timers.ts';
import { Proposer } from '../paxos/proposer.ts';
import type { RingAccepted, RingMessage, RingPromise } from './messages.ts';
import type { Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';
import type { RingHost } from './ring-host.ts';

/** Pause before a ballot that got nowhere is followed by a higher one, in ms: doubled each time up to the bound. */
const retryMsMin = 300;
const retryMsMax = 5000;

/**
 * This node's attempt to have one change chosen as the next ring. It goes on, with ever higher ballots, until some ring
 * is chosen for that epoch, be it this one or another.
 */
export class RingProposal {
  readonly #host: RingHost;
  readonly #ring: Ring;
  readonly #doc: RingDoc;
  readonly #send: (to: NodeId, message: RingMessage) => void;
  readonly #chosen: (doc: RingDoc) => void;
  #proposer: Proposer<RingDoc>;
  #round: number;
  #attempts = 0;
  #retry: Timer | null = null;

  /** `round` is the highest ballot round this node has used or heard of. */
  constructor(
    host: RingHost,
    ring: Ring,
    doc: RingDoc,
    round: number,
    send: (to: NodeId, message: RingMessage) => void,
    chosen: (doc: RingDoc) => void,
  ) {
    this.#host = host;
    this.#ring = ring;
    this.#doc = doc;
    this.#round = round;
    this.#send = send;
    this.#chosen = chosen;
    this.#proposer = this.#nextBallot();
  }

  get round(): number {
    return this.#round;
  }

  start(): void {
    const { ballot } = this.#proposer;
    const pause = Math.min(retryMsMax, retryMsMin * 2 ** this.#attempts++);
    this.#retry = this.#host.timers.after(pause + below(this.#host.random, pause), () => {
      this.#proposer = this.#nextBallot();
      this.start();
    });
    this.#toVoters({ kind: 'ringPrepare', epoch: this.#doc.epoch, ballot });
  }

  stop(): void {
    this.#retry?.cancel();
  }

  promise(from: NodeId, message: RingPromise): void {
    if (message.epoch !== this.#doc.epoch) return;
    const accepted =
      message.accepted === null ? null : { ballot: message.accepted.ballot, value: message.accepted.doc };
    const step = this.#proposer.promise(from, message.ballot, message.promised, accepted);
    if (step.type !== 'accept') return;
    this.#toVoters({
      kind: 'ringAccept',
      epoch: this.#doc.epoch,
      ballot: this.#proposer.ballot,
      doc: step.value,
    });
  }

  accepted(from: NodeId, message: RingAccepted): void {
    if (message.epoch !== this.#doc.epoch) return;
    const step = this.#proposer.accepted(from, message.ballot, message.promised);
    if (step.type !== 'chosen') return;
    this.stop();
    this.#chosen(step.value);
  }

  #nextBallot(): Proposer<RingDoc> {
    this.#round = Math.max(this.#round, this.#proposer?.refusedBy?.round ?? 0) + 1;
    return new Proposer({ round: this.#round, actor: this.#host.actor() }, this.#ring.owners, this.#doc);
  }

  #toVoters(message: RingMessage): void {
    for (const voter of this.#ring.owners) this.#send(voter, message);
  }
}
