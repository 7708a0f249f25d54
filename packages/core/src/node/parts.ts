import type { AntiEntropy } from '../antientropy/anti-entropy.ts';
import type { Tree } from '../antientropy/tree.ts';
import type { NodeId, RingEpoch, WallMs } from '../base/ids.ts';
import { type Random, randomHex } from '../base/random.ts';
import { Timers } from '../base/timers.ts';
import { HlcClock } from '../causality/hlc.ts';
import { CallTable } from '../coordinator/call-table.ts';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { PeerLatency } from '../coordinator/latency.ts';
import { allReplicas } from '../coordinator/quorum.ts';
import type { HintDelivery } from '../hints/delivery.ts';
import { HintStore } from '../hints/hint-store.ts';
import { Newcomers } from '../hints/newcomers.ts';
import { UnsettledLog } from '../hints/unsettled-log.ts';
import type { Swim } from '../membership/swim.ts';
import { Expiry } from '../replica/expiry.ts';
import { KeyIndex } from '../replica/key-index.ts';
import type { Minter } from '../replica/minter.ts';
import { NodeClock, nodeClockRow } from '../replica/node-clock.ts';
import type { RecordStore } from '../replica/record-store.ts';
import type { Replica } from '../replica/replica.ts';
import { RequestMemory } from '../replica/request-memory.ts';
import type { KeyRef } from '../ring/key.ts';
import type { RingConsensus } from '../ring/ring-change.ts';
import { Disk } from '../storage/disk.ts';
import { WriteLog } from '../storage/write-log.ts';
import type { Cleaner } from '../transfer/cleaner.ts';
import type { PullServer } from '../transfer/pull-server.ts';
import type { RecordRepair } from '../transfer/record-repair.ts';
import type { Effect } from './effect.ts';
import type { NodeEvent } from './event.ts';
import { decodeDropped, EventLog, eventsDroppedRow } from './event-log.ts';
import type { Now } from './input.ts';
import type { KeysCall, PeerMessage } from './messages.ts';
import { countsRow, decodeCounts, decodePeers, encodeCounts, peersRow } from './meta-rows.ts';
import { type BootImage, defaultTuning, type NodeOptions, type Tuning } from './options.ts';
import type { Ownership } from './ownership.ts';
import type { StatsBoard } from './stats-board.ts';
import type { NodeCounts } from './view.ts';
import { makeAntiEntropy, makeTree } from './wiring/antientropy.ts';
import { makeCoordinator, makeDelivery, makeRecordRepair } from './wiring/coordination.ts';
import { makeStats, makeSwim } from './wiring/membership.ts';
import { makeCleaner, makeConsensus, makeOwnership, makePullServer } from './wiring/ownership.ts';
import { makeMinter, makeRecords, makeReplica } from './wiring/replica.ts';

/** Pause between two steps of forgetting old request ids, in ms. */
const forgetEveryMs = 1000;
/** How long the notes of settled writes may stay when no write comes along to carry their removal, in ms. */
const unsettledFlushMs = 500;
/** How often the event log looks whether there is a flood to tell of, in ms. */
const floodsLookedForMs = 1000;
/** A life's call numbers begin at a random multiple of this: 2^42 beginnings keep any two lives' calls apart. */
const callSpacing = 1024;
/** Assumed answer time of a peer nobody has measured yet, in ms. */
const initialLatencyMs = 25;

/**
 * The parts of a node and the wires between them. The folders of the core know nothing of each other: each names
 * what it needs as a host interface, and here those needs are met.
 */
export class Parts {
  readonly timers = new Timers();
  readonly tuning: Tuning;
  readonly hlc: HlcClock;
  readonly log: WriteLog;
  readonly disk: Disk;
  readonly events: EventLog;
  readonly clock: NodeClock;
  readonly calls: CallTable;
  readonly latency = new PeerLatency(initialLatencyMs);
  readonly records: RecordStore;
  readonly requests: RequestMemory;
  readonly expiry: Expiry;
  readonly replica: Replica;
  readonly minter: Minter;
  readonly swim: Swim;
  readonly consensus: RingConsensus;
  readonly ownership: Ownership;
  readonly coordinator: Coordinator;
  readonly hintStore: HintStore;
  readonly unsettled: UnsettledLog;
  readonly newcomers: Newcomers;
  readonly delivery: HintDelivery;
  readonly pullServer: PullServer;
  readonly cleaner: Cleaner;
  readonly recordRepair: RecordRepair;
  readonly keyIndex: KeyIndex;
  readonly tree: Tree;
  readonly antiEntropy: AntiEntropy;
  readonly stats: StatsBoard;
  /** Clients that wait: the driver's request id to the coordinator's slot. */
  readonly clients = new Map<number, number>();
  stopping = false;
  #stopped = false;
  #ended = false;
  diskLow = false;
  #wallMs: WallMs = 0;
  #effects: Effect[] = [];
  #countsDirty = false;
  started = false;

  constructor(
    readonly options: NodeOptions,
    readonly boot: BootImage,
    readonly random: Random,
  ) {
    this.tuning = { ...defaultTuning, ...options.tuning };
    this.hlc = new HlcClock(this.tuning.clockDriftMsMax);
    this.log = new WriteLog((seq, rows) => this.emit({ type: 'write', seq, rows }));
    this.disk = new Disk(
      (id, rows) => this.emit({ type: 'read', id, rows }),
      (id, range) => this.emit({ type: 'scan', id, ...range }),
    );
    const meta = new Map(boot.rows);
    this.events = new EventLog(
      {
        log: this.log,
        disk: this.disk,
        wallMs: () => this.#wallMs,
        diskLow: () => this.diskLow,
      },
      decodeDropped(meta.get(eventsDroppedRow)),
    );
    this.clock = new NodeClock(meta.get(nodeClockRow));
    const firstCall = 1 + random.uint32() * callSpacing;
    this.calls = new CallTable((to, message) => this.send(to, message), firstCall);
    this.requests = new RequestMemory(this.log, this.disk, () => this.#wallMs);
    this.records = makeRecords(this);
    this.expiry = new Expiry(
      this.log,
      this.disk,
      this.records,
      () => this.#wallMs - this.tuning.expiryGraceMs,
    );
    this.keyIndex = new KeyIndex(this.disk);
    this.replica = makeReplica(this);
    this.minter = makeMinter(this, meta);
    this.hintStore = new HintStore(this.log, this.tuning.hintsPerTargetMax);
    this.unsettled = new UnsettledLog(this.log, this.hintStore);
    this.newcomers = new Newcomers(this.log, this.hintStore, options.nodeId);
    this.swim = makeSwim(this);
    this.consensus = makeConsensus(this);
    this.ownership = makeOwnership(this, meta);
    this.coordinator = makeCoordinator(this);
    this.delivery = makeDelivery(this);
    this.pullServer = makePullServer(this);
    this.cleaner = makeCleaner(this);
    this.recordRepair = makeRecordRepair(this);
    this.tree = makeTree(this);
    this.antiEntropy = makeAntiEntropy(this);
    this.stats = makeStats(this);
  }

  wallMs(): WallMs {
    return this.#wallMs;
  }

  /** Nothing follows `stopped`: the driver closes the store on it, so a later write would find no disk. */
  emit(effect: Effect): void {
    if (this.#ended) return;
    this.#effects.push(effect);
    if (effect.type === 'stopped') this.#ended = true;
  }

  /** The counts of stored records have changed: they go down with this step's batch. */
  countsChanged(): void {
    this.#countsDirty = true;
  }

  event(event: NodeEvent): void {
    this.emit({ type: 'event', event });
    this.events.note(event);
  }

  /** Sends to a peer; false if nobody knows its address. */
  send(to: NodeId, message: PeerMessage): boolean {
    const address = this.swim.addressOf(to);
    if (address === null) return false;
    this.emit({ type: 'send', to, address, hlc: this.hlc.read(this.#wallMs), message });
    return true;
  }

  /** Opens a step: takes the time over, and on the first one brings the node up. */
  begin(now: Now): void {
    this.timers.advance(now.mono);
    this.#wallMs = now.wall;
    if (this.started) return;
    this.started = true;
    this.#start();
  }

  /** Closes a step: what it staged leaves as one batch, with the counts that are true after it. */
  finish(): Effect[] {
    if (this.#countsDirty) this.log.stage(countsRow, encodeCounts(this.records.counts));
    if (this.#countsDirty) this.clock.save(this.log, this.timers.now);
    this.#countsDirty = false;
    this.log.flush();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  counts(): NodeCounts {
    return {
      ...this.records.counts,
      hints: this.hintStore.size,
      requestsInFlight: this.coordinator.inFlight,
    };
  }

  setDiskLow(low: boolean): void {
    if (low === this.diskLow) return;
    this.diskLow = low;
    const message = low ? 'the disk is nearly full: writes of values are refused' : 'the disk has room again';
    this.event({ type: 'warning', code: low ? 'disk_low' : 'disk_ok', message });
  }

  /** Refuses new requests, tells the peers, and stops when those in flight have their answers or the grace is over. */
  shutdown(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.event({ type: 'state', state: 'stopping', reason: 'asked to stop' });
    this.swim.leave();
    this.timers.after(this.tuning.shutdownGraceMs, () => this.#stop());
    this.checkStopped();
  }

  checkStopped(): void {
    if (this.stopping && this.coordinator.inFlight === 0) this.#stop();
  }

  receiveKeys(from: NodeId, call: KeysCall): void {
    const epoch = this.consensus.current()?.epoch ?? 0;
    const refuse = (result: 'staleEpoch' | 'unknownEpoch' | 'recovering' | 'corrupt') =>
      this.send(from, { kind: 'keysReply', rpc: call.rpc, result, epoch, keys: [], done: false });
    if (call.epoch > epoch) {
      this.consensus.heardEpoch(from, call.epoch);
      return void refuse('unknownEpoch');
    }
    if (call.epoch < epoch) return void refuse('staleEpoch');
    if (this.ownership.recovering) return void refuse('recovering');
    this.keyIndex.page(call, (page) => {
      if (page === null) return refuse('corrupt');
      return this.send(from, { kind: 'keysReply', rpc: call.rpc, result: 'ok', epoch, ...page });
    });
  }

  #start(): void {
    const meta = new Map(this.boot.rows);
    const counts = decodeCounts(meta.get(countsRow));
    if (counts !== null) Object.assign(this.records.counts, counts);
    this.#restoreOwed();
    this.consensus.boot(this.boot.rows);
    const remembered = decodePeers(meta.get(peersRow)).filter((peer) => peer.nodeId !== this.options.nodeId);
    this.swim.start(this.options.seeds, remembered);
    this.events.start();
    this.timers.every(floodsLookedForMs, floodsLookedForMs, () => this.events.flush(this.timers.now));
    this.timers.every(unsettledFlushMs, unsettledFlushMs, () => this.unsettled.flush());
    this.#forgetRequests('');
    this.#dropExpired('');
    this.tree.start();
    this.antiEntropy.start();
    // A node that has lost its rows has lost its memory of a cluster too, and must not found another one.
    const founder =
      this.consensus.current() === null &&
      this.options.seeds.length === 0 &&
      remembered.length === 0 &&
      !this.ownership.recovering;
    if (founder) this.#found();
  }

  #restoreOwed(): void {
    for (const [row, value] of this.boot.rows) {
      const known = this.hintStore.restore(row) || this.newcomers.restore(row, value);
      if (!known) this.unsettled.restore(row);
    }
  }

  #found(): void {
    this.consensus.bootstrap(randomHex(this.random, 16), this.options.replicas);
  }

  #forgetRequests(after: string): void {
    this.timers.after(forgetEveryMs, () => this.requests.forget(after, (next) => this.#forgetRequests(next)));
  }

  #dropExpired(after: string): void {
    this.timers.after(after === '' ? this.tuning.expirySweepMs : 0, () =>
      this.expiry.drop(after, (next) => this.#dropExpired(next)),
    );
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.unsettled.flush();
    this.events.flush(this.timers.now, true);
    this.clock.save(this.log, this.timers.now, true);
    this.minter.stageFinal();
    this.log.whenDurable(this.log.lastSeq, () => {
      this.swim.stop();
      this.emit({ type: 'stopped' });
    });
  }

  /** A node that has left asks for a place in the ring again. */
  rejoin(): void {
    this.consensus.rejoin();
    const ring = this.consensus.current();
    if (ring !== null) this.ownership.ringChanged(ring);
  }

  readonly heardEpoch = (node: NodeId, epoch: RingEpoch): void => this.consensus.heardEpoch(node, epoch);

  /** Every replica of the key, old and new; none while there is no ring. */
  readonly replicasOf = (ref: KeyRef): readonly NodeId[] => {
    const ring = this.consensus.current();
    return ring === null ? [] : allReplicas(ring.replicasOf(ref.bucket));
  };
}
