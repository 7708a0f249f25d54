/** What requests, hints and repairs need of the node. */
import type { ActorId } from '../../base/ids.ts';
import { randomHex } from '../../base/random.ts';
import { isBlank } from '../../causality/dvv-set.ts';
import type { Dot, VersionVector } from '../../causality/record.ts';
import { counterOf } from '../../causality/version-vector.ts';
import { Coordinator } from '../../coordinator/coordinator.ts';
import type { CoordinatorHost } from '../../coordinator/host.ts';
import { KeyTurns } from '../../coordinator/key-turns.ts';
import type { ClientRequest } from '../../coordinator/request.ts';
import { HintDelivery } from '../../hints/delivery.ts';
import { agreedActor } from '../../paxos/agreed-actor.ts';
import { RecordRepair } from '../../transfer/record-repair.ts';
import type { Parts } from '../parts.ts';
import { ask } from './ask.ts';
import { damagedRow, diskBehind } from './replica.ts';

export function makeCoordinator(parts: Parts): Coordinator {
  const host: CoordinatorHost = {
    self: parts.options.nodeId,
    timers: parts.timers,
    random: parts.random,
    hlc: parts.hlc,
    calls: parts.calls,
    latency: parts.latency,
    local: parts.replica,
    unsettled: parts.unsettled,
    wallMs: () => parts.wallMs(),
    ring: () => parts.consensus.current(),
    mint: (seen) => mint(parts, seen),
    turns: new KeyTurns(),
    ballotActor: ballotActor(parts),
    isReachable: (node) => parts.swim.isAlive(node),
    heardEpoch: parts.heardEpoch,
    repaired: (ref, replica) => parts.event({ type: 'repair', key: ref.key, replica }),
  };
  return new Coordinator(host, {
    requestsInFlightMax: parts.tuning.requestsInFlightMax,
    lingeringMax: parts.tuning.lingeringWritesMax,
    refusal: (request) => refusal(parts, request),
    mayCoordinate: () => !parts.ownership.recovering,
    localKeys: (request, then) => {
      if (parts.ownership.recovering) then(null);
      else parts.keyIndex.page(request, then);
    },
  });
}

/**
 * Somebody has seen a dot of ours that we have not issued: this directory is an older copy of itself. From now on
 * we mint as somebody else, and read back what we have forgotten before we count for anything.
 */
function mint(parts: Parts, seen: VersionVector): Dot | null {
  const { actor, issued } = parts.minter;
  if (Math.max(counterOf(seen, actor), counterOf(seen, agreedActor(actor))) > issued) {
    parts.event({
      type: 'warning',
      code: 'history_lost',
      message: 'this data directory is an older copy of itself',
    });
    parts.minter.raiseEpoch();
    parts.ownership.lostHistory(parts.consensus.current());
  }
  return parts.minter.mint();
}

/**
 * The minter's actor would outlive a clean stop, and a directory restored from before may have forgotten which of its
 * ballots were used: each life draws a name of its own, when it first has use for one. A node that has ceased to be a
 * replica does not keep its own promises, so within a life too no name is used for two ballots.
 */
function ballotActor(parts: Parts): () => ActorId {
  let life = '';
  let ballots = 0;
  return () => {
    if (life === '') life = randomHex(parts.random, 8);
    ballots++;
    return `${parts.options.nodeId}~${life}.${ballots.toString(36)}` as ActorId;
  };
}

function refusal(
  parts: Parts,
  request: ClientRequest,
): ReturnType<ConstructorParameters<typeof Coordinator>[1]['refusal']> {
  if (parts.stopping) return { code: 'shutting_down', message: 'this node is stopping' };
  if (parts.diskLow && request.kind === 'put')
    return { code: 'disk_full', message: 'the disk is nearly full' };
  if (request.kind === 'put' && diskBehind(parts))
    return { code: 'overloaded', message: 'the disk is behind' };
  return null;
}

export function makeDelivery(parts: Parts): HintDelivery {
  return new HintDelivery(parts.hintStore, {
    self: parts.options.nodeId,
    timers: parts.timers,
    isReachable: (node) => parts.swim.isAlive(node),
    isMember: (node) => (parts.consensus.current()?.member(node) ?? null) !== null,
    epoch: () => parts.consensus.current()?.epoch ?? null,
    replicasOf: parts.replicasOf,
    heardEpoch: parts.heardEpoch,
    load: (ref, then) =>
      parts.records.withRecord(ref, (entry) => {
        const { record } = entry;
        parts.records.whenDurable(entry, () => then(record));
      }),
    // A write that is owed may still be on its way to the disk: a scan that is too early would find nothing to send.
    scan: (range, then) =>
      parts.log.whenDurable(parts.log.lastSeq, () =>
        parts.disk.scan(range, (page) => {
          for (const [row, value] of page.rows) if (value === 'corrupt') damagedRow(parts, row);
          then(page);
        }),
      ),
    ask: (target, build, withinMs, answered) => ask(parts, target, build, withinMs, answered),
    delivered: (target, pending) => parts.event({ type: 'hint', target, pending, change: 'delivered' }),
  });
}

export function makeRecordRepair(parts: Parts): RecordRepair {
  return new RecordRepair({
    self: parts.options.nodeId,
    timers: parts.timers,
    epoch: () => parts.consensus.current()?.epoch ?? null,
    replicasOf: (ref) => parts.consensus.current()?.replicasOf(ref.bucket).current ?? [],
    ask: (target, build, withinMs, answered) => ask(parts, target, build, withinMs, answered),
    restore: (ref, record) =>
      parts.records.withRecord(ref, (entry) => {
        if (entry.record !== null) return;
        if (!isBlank(record)) parts.records.write(entry, record);
        else parts.records.remove(entry);
      }),
    mendedInDoubt: (ref) =>
      parts.event({
        type: 'warning',
        code: 'mended_in_doubt',
        message: `a damaged record was mended while another replica was recovering: ${ref.key}`,
      }),
  });
}
