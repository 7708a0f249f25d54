import { unreachable } from '../base/assert.ts';
import type { NodeId, WallMs } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { VersionVector } from '../causality/record.ts';
import type { ClientRequest } from '../coordinator/request.ts';
import type { Member } from '../membership/member.ts';
import type { RumorView } from '../membership/swim.ts';
import { type BucketRange, bucketCount } from '../ring/bucket-range.ts';
import type { Ring } from '../ring/ring.ts';
import type { SipTag } from '../ring/siphash.ts';
import type { Effect } from './effect.ts';
import type { Input, Now } from './input.ts';
import type { Inquiry } from './inquiry.ts';
import type { PeerMessage } from './messages.ts';
import type { BootImage, NodeOptions } from './options.ts';
import type { NodeState, TransferProgress } from './ownership.ts';
import { Parts } from './parts.ts';
import type { AntiEntropyState, NodeCounts, StatsReport } from './view.ts';
import { foregroundOf } from './wiring/antientropy.ts';
import { clockOf } from './wiring/clock.ts';
import { answerInquiry } from './wiring/inquiries.ts';

/**
 * One node of the database as a synchronous machine: it is told what happened and answers with what should be done.
 * It never waits, never touches the world, and with the same inputs always gives the same effects. This file only
 * hands each input to the part it concerns.
 */
export class StarlingNode {
  readonly #parts: Parts;

  /** `boot` is what the disk holds; the effects of coming up are given out by the first step. */
  constructor(options: NodeOptions, boot: BootImage, random: Random) {
    this.#parts = new Parts(options, boot, random);
  }

  /** Handles one input and answers with the effects to carry out, in order. Throws only if an invariant is broken. */
  step(input: Input, now: Now): Effect[] {
    const parts = this.#parts;
    parts.begin(now);
    this.#dispatch(input);
    parts.timers.runDue();
    return parts.finish();
  }

  /** When the machine wants its next tick, by the monotonic clock; null for never. */
  nextTickAt(): number | null {
    return this.#parts.timers.next();
  }

  get nodeId(): NodeId {
    return this.#parts.options.nodeId;
  }

  get state(): NodeState {
    return this.#parts.stopping ? 'stopping' : this.#parts.ownership.state;
  }

  ring(): Ring | null {
    return this.#parts.consensus.current();
  }

  /** Whether nothing this node knows of leads to another ring. */
  ringAtRest(): boolean {
    return this.#parts.consensus.isAtRest;
  }

  members(): readonly Member[] {
    return this.#parts.swim.members();
  }

  /** Membership news on its way to others. */
  rumors(): readonly RumorView[] {
    return this.#parts.swim.rumors();
  }

  /** 0 when this node trusts its own timing; higher the more its probes fail (Lifeguard). */
  healthScore(): number {
    return this.#parts.swim.healthScore();
  }

  transfer(): TransferProgress | null {
    return this.#parts.ownership.transfer;
  }

  /** What each node was last heard to say of itself, this node included. */
  statsReports(): readonly StatsReport[] {
    return this.#parts.stats.reports();
  }

  counts(): NodeCounts {
    return this.#parts.counts();
  }

  /** Keys owed to each replica that missed writes. */
  hints(): readonly { readonly target: NodeId; readonly pending: number; readonly everything: boolean }[] {
    const { hintStore } = this.#parts;
    return hintStore.targets().map((target) => ({
      target,
      pending: hintStore.countFor(target),
      everything: hintStore.owesAll(target) > 0,
    }));
  }

  /** Records whose stored bytes are damaged and not mended yet. */
  damagedRecords(): number {
    return this.#parts.recordRepair.size;
  }

  /** Of every actor, the newest write this node has heard of. */
  clock(): VersionVector {
    return this.#parts.clock.clock();
  }

  /** Hash of this node's records in these buckets; null while the tree is not complete, as after a start. */
  treeRoot(ranges: readonly BucketRange[]): SipTag | null {
    return this.#parts.tree.leaves?.root(ranges) ?? null;
  }

  /** What has become of comparing this node with its peers since it started. */
  antiEntropy(): AntiEntropyState {
    const { tree, antiEntropy } = this.#parts;
    return { ...antiEntropy.counts, tree: tree.progress };
  }

  /** Every write made before that time to a bucket shared with `peer` was then durable on both; null if that is not known. */
  provenEqual(peer: NodeId, range: BucketRange = wholeRing): WallMs | null {
    return this.#parts.antiEntropy.provenEqual(peer, range);
  }

  /** The actor under which this node mints dots, and the highest counter it has issued. */
  actor(): { readonly actor: string; readonly counter: number } {
    return { actor: this.#parts.minter.actor, counter: this.#parts.minter.issued };
  }

  wallMs(): WallMs {
    return this.#parts.wallMs();
  }

  #dispatch(input: Input): void {
    const parts = this.#parts;
    switch (input.type) {
      case 'tick':
        return;
      case 'message':
        parts.hlc.observe(input.hlc, parts.wallMs());
        return this.#message(input.from, input.message);
      case 'packet':
        return parts.swim.receive(input.from, input.via, input.packet);
      case 'disconnected':
        // A lost connection proves nothing, but it is reason enough to look at that member first.
        parts.swim.hasten(input.peer);
        return parts.calls.disconnected(input.peer);
      case 'written':
        return parts.log.written(input.seq);
      case 'rows':
        return parts.disk.rowsRead(input.id, input.rows);
      case 'scanned':
        return parts.disk.scanned(input.id, { rows: input.rows, done: input.done });
      case 'request':
        return this.#request(input.id, input.request);
      case 'inquiry':
        return this.#inquire(input.id, input.inquiry);
      case 'command': {
        const { id, command, deadlineAt } = input;
        return parts.consensus.command(command, deadlineAt, (answer) =>
          parts.emit({ type: 'commanded', id, answer }),
        );
      }
      case 'rejoin':
        return parts.rejoin();
      case 'abandoned':
        return this.#abandoned(input.id);
      case 'diskLow':
        return parts.setDiskLow(input.low);
      case 'stats':
        parts.stats.own(input.stats);
        return parts.antiEntropy.foreground(foregroundOf(parts.stats.reports()));
      case 'seeds':
        return parts.swim.seedsResolved(input.addresses);
      case 'shutdown':
        return parts.shutdown();
      default:
        return unreachable(input);
    }
  }

  #request(id: number, request: ClientRequest): void {
    const parts = this.#parts;
    let slot: number | null = null;
    let answered = false;
    slot = parts.coordinator.run(request, false, (answer) => {
      answered = true;
      parts.clients.delete(id);
      parts.emit({ type: 'reply', id, answer });
      parts.checkStopped();
    });
    if (!answered) parts.clients.set(id, slot);
  }

  #inquire(id: number, inquiry: Inquiry): void {
    answerInquiry(this.#parts, inquiry, (finding) => this.#parts.emit({ type: 'found', id, finding }));
  }

  #abandoned(id: number): void {
    const slot = this.#parts.clients.get(id);
    if (slot === undefined) return;
    this.#parts.clients.delete(id);
    this.#parts.coordinator.abandon(slot);
    this.#parts.checkStopped();
  }

  #message(from: NodeId, message: PeerMessage): void {
    const parts = this.#parts;
    switch (message.kind) {
      case 'clock':
        return parts.replica.receiveClock(from, message);
      case 'read':
        return parts.replica.receiveRead(from, message);
      case 'store':
        return parts.replica.receiveStore(from, message);
      case 'prepare':
        return parts.replica.receivePrepare(from, message);
      case 'accept':
        return parts.replica.receiveAccept(from, message);
      case 'forward':
        parts.coordinator.run(message.request, true, (answer) =>
          parts.send(from, { kind: 'forwardReply', rpc: message.rpc, answer }),
        );
        return;
      case 'keys':
        return parts.receiveKeys(from, message);
      case 'pull':
        return parts.pullServer.receive(from, message);
      case 'tree':
        return parts.antiEntropy.receiveTree(from, message);
      case 'bucket':
        return parts.antiEntropy.receiveBucket(from, message);
      case 'treeReply':
      case 'bucketReply':
      case 'clockReply':
      case 'readReply':
      case 'storeReply':
      case 'prepareReply':
      case 'acceptReply':
      case 'forwardReply':
      case 'keysReply':
      case 'pullReply':
      case 'nodeClockReply':
        return parts.calls.receive(from, message);
      case 'nodeClock':
        return clockOf(parts, null, (clock) =>
          parts.send(from, { kind: 'nodeClockReply', rpc: message.rpc, clock: clock ?? [] }),
        );
      case 'stats':
        return parts.stats.heard(from, message);
      case 'ringFetch':
      case 'ringNews':
      case 'ringPrepare':
      case 'ringPromise':
      case 'ringAccept':
      case 'ringAccepted':
      case 'ringJoin':
      case 'ringReady':
      case 'ringAsk':
      case 'ringRefused':
        return parts.consensus.receive(from, message);
      default:
        return unreachable(message);
    }
  }
}

const wholeRing: BucketRange = { from: 0, to: bucketCount - 1 };
