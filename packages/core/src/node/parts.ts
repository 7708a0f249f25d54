import { unreachable } from '../base/assert.ts';
import type { NodeId, RingEpoch, WallMs } from '../base/ids.ts';
import { type Random, randomHex } from '../base/random.ts';
import { Timers } from '../base/timers.ts';
import { HlcClock } from '../causality/hlc.ts';
import type { Dot, VersionVector } from '../causality/record.ts';
import { counterOf } from '../causality/version-vector.ts';
import { CallTable } from '../coordinator/call-table.ts';
import { Coordinator } from '../coordinator/coordinator.ts';
import type { CoordinatorHost } from '../coordinator/host.ts';
import { PeerLatency } from '../coordinator/latency.ts';
import { allReplicas } from '../coordinator/quorum.ts';
import type { ClientRequest } from '../coordinator/request.ts';
import { HintDelivery } from '../hints/delivery.ts';
import { HintStore } from '../hints/hint-store.ts';
import { UnsettledLog } from '../hints/unsettled-log.ts';
import type { Member } from '../membership/member.ts';
import type { SwimNotice } from '../membership/options.ts';
import { Swim } from '../membership/swim.ts';
import { KeyIndex } from '../replica/key-index.ts';
import { actorRow, decodeMinterState, Minter } from '../replica/minter.ts';
import { RecordStore } from '../replica/record-store.ts';
import { Replica } from '../replica/replica.ts';
import { RequestMemory } from '../replica/request-memory.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import type { Ring } from '../ring/ring.ts';
import { RingConsensus } from '../ring/ring-change.ts';
import { Disk } from '../storage/disk.ts';
import { WriteLog } from '../storage/write-log.ts';
import { Cleaner } from '../transfer/cleaner.ts';
import { PullServer } from '../transfer/pull-server.ts';
import type { PullerHost } from '../transfer/puller.ts';
import { RecordRepair } from '../transfer/record-repair.ts';
import type { Effect } from './effect.ts';
import type { NodeEvent } from './event.ts';
import type { Now, ReadRow } from './input.ts';
import type { KeysCall, PeerMessage } from './messages.ts';
import { countsRow, decodeCounts, decodePeers, encodeCounts, encodePeers, peersRow } from './meta-rows.ts';
import { type BootImage, defaultTuning, type NodeOptions, type Tuning } from './options.ts';
import { Ownership, recoveringRow } from './ownership.ts';
import { StatsBoard } from './stats-board.ts';
import type { NodeCounts } from './view.ts';

/** Pause between two steps of forgetting old request ids, in ms. */
const forgetEveryMs = 1000;
/** How long the notes of settled writes may stay when no write comes along to carry their removal, in ms. */
const unsettledFlushMs = 500;
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
  readonly calls: CallTable;
  readonly latency = new PeerLatency(initialLatencyMs);
  readonly records: RecordStore;
  readonly requests: RequestMemory;
  readonly replica: Replica;
  readonly minter: Minter;
  readonly swim: Swim;
  readonly consensus: RingConsensus;
  readonly ownership: Ownership;
  readonly coordinator: Coordinator;
  readonly hintStore: HintStore;
  readonly unsettled: UnsettledLog;
  readonly delivery: HintDelivery;
  readonly pullServer: PullServer;
  readonly cleaner: Cleaner;
  readonly recordRepair: RecordRepair;
  readonly keyIndex: KeyIndex;
  readonly stats: StatsBoard;
  /** Clients that wait: the driver's request id to the coordinator's slot. */
  readonly clients = new Map<number, number>();
  stopping = false;
  #stopped = false;
  #diskLow = false;
  #wallMs: WallMs = 0;
  #effects: Effect[] = [];
  #countsDirty = false;
  #started = false;
  readonly #boot: BootImage;

  constructor(
    readonly options: NodeOptions,
    boot: BootImage,
    readonly random: Random,
  ) {
    this.#boot = boot;
    this.tuning = { ...defaultTuning, ...options.tuning };
    this.hlc = new HlcClock(this.tuning.clockDriftMsMax);
    this.log = new WriteLog((seq, rows) => this.emit({ type: 'write', seq, rows }));
    this.disk = new Disk(
      (id, rows) => this.emit({ type: 'read', id, rows }),
      (id, range) => this.emit({ type: 'scan', id, ...range }),
    );
    this.calls = new CallTable((to, message) => this.send(to, message));
    this.requests = new RequestMemory(this.log, this.disk, () => this.#wallMs);
    this.records = this.#makeRecords();
    this.keyIndex = new KeyIndex(this.disk);
    this.replica = this.#makeReplica();
    const meta = new Map(boot.rows);
    this.minter = this.#makeMinter(meta);
    this.hintStore = new HintStore(this.log, this.tuning.hintsPerTargetMax);
    this.unsettled = new UnsettledLog(this.log, this.hintStore);
    this.swim = this.#makeSwim();
    this.consensus = this.#makeConsensus();
    this.ownership = this.#makeOwnership(meta);
    this.coordinator = this.#makeCoordinator();
    this.delivery = this.#makeDelivery();
    this.pullServer = this.#makePullServer();
    this.cleaner = new Cleaner({
      self: options.nodeId,
      timers: this.timers,
      disk: this.disk,
      records: this.records,
      owed: (ref) => this.hintStore.holds(ref) || this.unsettled.holds(ref),
    });
    this.recordRepair = this.#makeRecordRepair();
    this.stats = this.#makeStats();
  }

  wallMs(): WallMs {
    return this.#wallMs;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  event(event: NodeEvent): void {
    this.emit({ type: 'event', event });
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
    if (this.#started) return;
    this.#started = true;
    this.#start();
  }

  /** Closes a step: what it staged leaves as one batch, with the counts that are true after it. */
  finish(): Effect[] {
    if (this.#countsDirty) this.log.stage(countsRow, encodeCounts(this.records.counts));
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
    if (low === this.#diskLow) return;
    this.#diskLow = low;
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
    const meta = new Map(this.#boot.rows);
    const counts = decodeCounts(meta.get(countsRow));
    if (counts !== null) Object.assign(this.records.counts, counts);
    for (const [row] of this.#boot.rows) if (!this.hintStore.restore(row)) this.unsettled.restore(row);
    this.consensus.boot(this.#boot.rows);
    const remembered = decodePeers(meta.get(peersRow)).filter((peer) => peer.nodeId !== this.options.nodeId);
    this.swim.start(this.options.seeds, remembered);
    this.timers.every(unsettledFlushMs, unsettledFlushMs, () => this.unsettled.flush());
    this.#forgetRequests('');
    const founder =
      this.consensus.current() === null && this.options.seeds.length === 0 && remembered.length === 0;
    if (founder) this.#found();
  }

  #found(): void {
    const { nodeId, zone, weight, replicas } = this.options;
    this.consensus.bootstrap(randomHex(this.random, 16), { nodeId, zone, weight }, replicas);
  }

  #forgetRequests(after: string): void {
    this.timers.after(forgetEveryMs, () => this.requests.forget(after, (next) => this.#forgetRequests(next)));
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.unsettled.flush();
    this.minter.stageFinal();
    this.log.whenDurable(this.log.lastSeq, () => {
      this.swim.stop();
      this.emit({ type: 'stopped' });
    });
  }

  #heardEpoch = (node: NodeId, epoch: RingEpoch): void => this.consensus.heardEpoch(node, epoch);

  #replicasOf = (ref: KeyRef): readonly NodeId[] => {
    const ring = this.consensus.current();
    return ring === null ? [] : allReplicas(ring.replicasOf(ref.bucket));
  };

  #makeRecords(): RecordStore {
    return new RecordStore(this.log, this.disk, {
      cacheBytesMax: this.tuning.cacheBytesMax,
      onCorrupt: (ref) => this.#corrupt(ref),
      onWrite: (ref, before, after) => {
        this.#countsDirty = true;
        this.requests.note(ref, before, after);
      },
    });
  }

  /** A damaged record may have held dots of our own: from now on we mint as somebody else. */
  #corrupt(ref: KeyRef): void {
    this.event({ type: 'corrupt', row: ref.row });
    this.minter.raiseEpoch();
    this.recordRepair.report(ref);
  }

  #makeReplica(): Replica {
    return new Replica({
      self: this.options.nodeId,
      records: this.records,
      requests: this.requests,
      ring: () => this.consensus.current(),
      recovering: () => this.ownership.recovering,
      diskLow: () => this.#diskLow,
      overloaded: () => this.#diskBehind(),
      heardEpoch: this.#heardEpoch,
      send: (to, message) => void this.send(to, message),
    });
  }

  #makeMinter(meta: ReadonlyMap<string, ReadRow>): Minter {
    const { cleanShutdown, historyIntact, fresh, bootCounter } = this.#boot;
    return new Minter(this.log, this.random, {
      nodeId: this.options.nodeId,
      bootCounter,
      trusted: cleanShutdown && historyIntact && !fresh,
      state: decodeMinterState(meta.get(actorRow)),
    });
  }

  #makeSwim(): Swim {
    const { nodeId, address, version, zone } = this.options;
    const { instanceId, bootCounter } = this.#boot;
    const facts = { clusterId: '', ringEpoch: 0, version, zone, state: 'booting' };
    return new Swim(
      { nodeId, address, instanceId, bootCounter, facts },
      {
        timers: this.timers,
        random: this.random,
        wallMs: () => this.#wallMs,
        sendPacket: (to, via, packet) => this.emit({ type: 'packet', to, via, packet }),
        onMember: (member) => this.#memberChanged(member),
        onPeersChanged: (peers) => void this.log.stage(peersRow, encodePeers(peers)),
        onNotice: (notice) => this.event({ type: 'warning', code: notice.type, message: noticeText(notice) }),
      },
    );
  }

  #memberChanged(member: Member): void {
    this.event({ type: 'member', nodeId: member.nodeId, status: member.status });
    if (member.facts.ringEpoch > 0) this.consensus.heardEpoch(member.nodeId, member.facts.ringEpoch);
    if (member.status === 'alive') this.delivery.look(member.nodeId);
    if (member.status === 'dead' || member.status === 'left') this.calls.disconnected(member.nodeId);
  }

  #makeConsensus(): RingConsensus {
    return new RingConsensus({
      timers: this.timers,
      random: this.random,
      self: this.options.nodeId,
      zone: this.options.zone,
      weight: this.options.weight,
      actor: () => this.minter.actor,
      send: (to, message) => void this.send(to, message),
      persist: (rows, then) => {
        let seq = 0;
        for (const [row, value] of rows) seq = this.log.stage(row, value);
        this.log.whenDurable(seq, then);
      },
      isAlive: (node) => this.swim.isAlive(node),
      candidates: () => this.#ringMembersHeardOf(),
      onRing: (ring, previous) => this.#ringChanged(ring, previous),
    });
  }

  /** Reachable nodes that say they have a ring. */
  #ringMembersHeardOf(): NodeId[] {
    return this.swim
      .members()
      .filter(
        (member) =>
          member.facts.ringEpoch > 0 &&
          member.nodeId !== this.options.nodeId &&
          this.swim.isAlive(member.nodeId),
      )
      .map((member) => member.nodeId);
  }

  #ringChanged(ring: Ring, previous: Ring | null): void {
    this.event({
      type: 'ring',
      epoch: ring.epoch,
      reason: ring.changing === null ? 'settled' : `${ring.changing.nodeId} is ${ring.changing.status}`,
    });
    this.unsettled.adopt(this.#replicasOf, this.options.nodeId);
    this.coordinator.ringChanged(ring);
    this.ownership.ringChanged(ring, previous);
    this.cleaner.ringChanged(ring);
    this.#tellFacts(ring);
  }

  #tellFacts(ring: Ring | null): void {
    const { version, zone } = this.options;
    const state = this.ownership.state;
    this.swim.updateFacts({
      clusterId: ring?.doc.clusterId ?? '',
      ringEpoch: ring?.epoch ?? 0,
      version,
      zone,
      state,
    });
  }

  #makeOwnership(meta: ReadonlyMap<string, ReadRow>): Ownership {
    const { historyIntact, fresh } = this.#boot;
    const lost = !fresh && !historyIntact;
    if (lost) this.log.stage(recoveringRow, new Uint8Array(0));
    return new Ownership(
      {
        self: this.options.nodeId,
        puller: this.#pullerHost(),
        requestJoin: () => this.consensus.requestJoin(),
        ready: () => this.consensus.ready(),
        persistRecovering: (recovering, then) =>
          this.log.whenDurable(this.log.stage(recoveringRow, recovering ? new Uint8Array(0) : null), then),
        stateChanged: (state, reason) => this.#stateChanged(state, reason),
      },
      lost || meta.has(recoveringRow),
      fresh,
    );
  }

  #stateChanged(state: string, reason: string): void {
    this.event({ type: 'state', state, reason } as NodeEvent);
    if (this.#started) this.#tellFacts(this.consensus.current());
  }

  #pullerHost(): PullerHost {
    return {
      timers: this.timers,
      heardEpoch: this.#heardEpoch,
      call: (source, build, answered) => this.calls.call(source, build, answered),
      closeCall: (rpc) => this.calls.close(rpc),
      merge: (ref, record, then) => this.replica.merge(ref, record, (result) => then(result === 'ok')),
      progress: (bucketsDone, bucketsTotal, bytes, from) =>
        this.event({ type: 'transfer', from, to: this.options.nodeId, bucketsDone, bucketsTotal, bytes }),
    };
  }

  #makeCoordinator(): Coordinator {
    const host: CoordinatorHost = {
      self: this.options.nodeId,
      timers: this.timers,
      random: this.random,
      hlc: this.hlc,
      calls: this.calls,
      latency: this.latency,
      local: this.replica,
      unsettled: this.unsettled,
      wallMs: () => this.#wallMs,
      ring: () => this.consensus.current(),
      mint: (seen) => this.#mint(seen),
      isReachable: (node) => this.swim.isAlive(node),
      heardEpoch: this.#heardEpoch,
      repaired: (ref, replica) => this.event({ type: 'repair', key: ref.key, replica }),
    };
    return new Coordinator(host, {
      requestsInFlightMax: this.tuning.requestsInFlightMax,
      lingeringMax: this.tuning.lingeringWritesMax,
      refusal: (request) => this.#refusal(request),
      mayCoordinate: () => !this.ownership.recovering,
      localKeys: (request, then) => {
        if (this.ownership.recovering) then(null);
        else this.keyIndex.page(request, then);
      },
    });
  }

  /**
   * Somebody has seen a dot of ours that we have not issued: this directory is an older copy of itself. From now on
   * we mint as somebody else, and read back what we have forgotten before we count for anything.
   */
  #mint(seen: VersionVector): Dot | null {
    if (counterOf(seen, this.minter.actor) > this.minter.issued) {
      this.event({
        type: 'warning',
        code: 'history_lost',
        message: 'this data directory is an older copy of itself',
      });
      this.minter.raiseEpoch();
      this.ownership.lostHistory(this.consensus.current());
    }
    return this.minter.mint();
  }

  #refusal(request: ClientRequest): ReturnType<ConstructorParameters<typeof Coordinator>[1]['refusal']> {
    if (this.stopping) return { code: 'shutting_down', message: 'this node is stopping' };
    if (this.#diskLow && request.kind === 'put')
      return { code: 'disk_full', message: 'the disk is nearly full' };
    if (request.kind === 'put' && this.#diskBehind())
      return { code: 'overloaded', message: 'the disk is behind' };
    return null;
  }

  #diskBehind(): boolean {
    return this.log.pendingBytes > this.tuning.writeBytesPendingMax;
  }

  #makeDelivery(): HintDelivery {
    return new HintDelivery(this.hintStore, {
      self: this.options.nodeId,
      timers: this.timers,
      isReachable: (node) => this.swim.isAlive(node),
      epoch: () => this.consensus.current()?.epoch ?? null,
      replicasOf: this.#replicasOf,
      heardEpoch: this.#heardEpoch,
      load: (ref, then) =>
        this.records.withRecord(ref, (entry) => {
          const { record } = entry;
          this.records.whenDurable(entry, () => then(record));
        }),
      scan: (range, then) => this.disk.scan(range, then),
      call: (target, build, answered) => void this.calls.call(target, build, answered),
      delivered: (target, pending) => this.event({ type: 'hint', target, pending, change: 'delivered' }),
    });
  }

  #makePullServer(): PullServer {
    return new PullServer({
      log: this.log,
      disk: this.disk,
      epoch: () => this.consensus.current()?.epoch ?? null,
      heardEpoch: this.#heardEpoch,
      send: (to, message) => void this.send(to, message),
      corrupt: (row) => {
        const ref = keyRefOfRow(row);
        if (ref !== null) this.records.withRecord(ref, () => undefined);
      },
    });
  }

  #makeRecordRepair(): RecordRepair {
    return new RecordRepair({
      self: this.options.nodeId,
      timers: this.timers,
      epoch: () => this.consensus.current()?.epoch ?? null,
      replicasOf: (ref) => this.consensus.current()?.replicasOf(ref.bucket).current ?? [],
      call: (target, build, answered) => void this.calls.call(target, build, answered),
      restore: (ref, record) =>
        this.records.withRecord(ref, (entry) => {
          if (entry.record === null) this.records.write(entry, record);
        }),
    });
  }

  #makeStats(): StatsBoard {
    return new StatsBoard({
      self: this.options.nodeId,
      wallMs: () => this.#wallMs,
      counts: () => this.counts(),
      peers: () =>
        this.swim
          .members()
          .filter((member) => member.nodeId !== this.options.nodeId && this.swim.isAlive(member.nodeId))
          .map((member) => member.nodeId),
      isMember: (node) => this.swim.member(node) !== null,
      send: (to, message) => void this.send(to, message),
    });
  }
}

function noticeText(notice: SwimNotice): string {
  switch (notice.type) {
    case 'nodeIdInUse':
      return `${notice.address} claims the node id ${notice.nodeId}, which ${notice.holder} holds: it was not let in`;
    case 'refused':
      return `${notice.by} does not let this node in: ${notice.reason}`;
    case 'replaced':
      return `${notice.holder} has taken this node's id over: this node has left the cluster`;
    case 'foreignCluster':
      return `${notice.address} belongs to another cluster (${notice.clusterId})`;
    case 'membersFull':
      return `the member list is full: ${notice.nodeId} was not taken in`;
    case 'udpUnreachable':
      return `${notice.nodeId} answers over TCP only: its UDP port is closed or filtered`;
    case 'implausibleIncarnation':
      return `an incarnation of ${notice.nodeId} far above the known one was ignored (${notice.incarnation})`;
    case 'incarnationExhausted':
      return 'this node cannot raise its incarnation any further and needs a new data directory';
    default:
      return unreachable(notice);
  }
}
