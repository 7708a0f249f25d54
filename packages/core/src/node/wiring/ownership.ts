/** What the ring, and taking arcs over, need of the node. */
import type { NodeId } from '../../base/ids.ts';
import { Reindex } from '../../replica/reindex.ts';
import type { Ring } from '../../ring/ring.ts';
import { RingConsensus } from '../../ring/ring-change.ts';
import { Cleaner } from '../../transfer/cleaner.ts';
import { HandOver } from '../../transfer/hand-over.ts';
import { PullServer } from '../../transfer/pull-server.ts';
import type { PullerHost } from '../../transfer/puller.ts';
import type { ReadRow } from '../input.ts';
import { emptyRow, type NodeState, Ownership, recoveringRow } from '../ownership.ts';
import type { Parts } from '../parts.ts';
import { ask } from './ask.ts';
import { tellFacts } from './membership.ts';
import { damagedRow } from './replica.ts';

const nothing = new Uint8Array(0);

export function makeConsensus(parts: Parts): RingConsensus {
  return new RingConsensus({
    timers: parts.timers,
    random: parts.random,
    self: { nodeId: parts.options.nodeId, zone: parts.options.zone, weight: parts.options.weight },
    replaces: parts.options.replaces ?? null,
    actor: () => parts.minter.actor,
    send: (to, message) => void parts.send(to, message),
    persist: (rows, then) => {
      // In one batch with the ring: a life that knows its members by name alone can reach none of them.
      parts.swim.rememberPeers();
      let seq = 0;
      for (const [row, value] of rows) seq = parts.log.stage(row, value);
      parts.log.whenDurable(seq, then);
    },
    isAlive: (node) => parts.swim.isAlive(node),
    candidates: () => ringMembersHeardOf(parts),
    onRing: (ring, previous) => ringChanged(parts, ring, previous),
  });
}

/** Reachable nodes that say they have a ring. */
function ringMembersHeardOf(parts: Parts): NodeId[] {
  return parts.swim
    .members()
    .filter(
      (member) =>
        member.facts.ringEpoch > 0 &&
        member.nodeId !== parts.options.nodeId &&
        parts.swim.isAlive(member.nodeId),
    )
    .map((member) => member.nodeId);
}

/** What the newest ring is about. */
function ringReason({ doc, changing }: Ring): string {
  if (changing === null) return 'settled';
  const moving = doc.members.filter(({ status }) => status !== 'normal');
  const words = moving.map(({ nodeId, status }) => `${nodeId} is ${status}`);
  return words.length > 0 ? words.join(', ') : changing.operation;
}

function ringChanged(parts: Parts, ring: Ring, previous: Ring | null): void {
  parts.event({
    type: 'ring',
    epoch: ring.epoch,
    reason: ringReason(ring),
  });
  parts.unsettled.adopt(parts.replicasOf, parts.options.nodeId);
  parts.newcomers.ringChanged(ring, previous);
  parts.coordinator.ringChanged(ring);
  parts.ownership.ringChanged(ring);
  parts.cleaner.ringChanged(ring);
  tellFacts(parts, ring);
}

export function makeOwnership(parts: Parts, meta: ReadonlyMap<string, ReadRow>): Ownership {
  const { historyIntact, fresh } = parts.boot;
  const lost = !fresh && !historyIntact;
  if (lost) parts.log.stage(recoveringRow, nothing);
  if (fresh) parts.log.stage(emptyRow, nothing);
  return new Ownership(
    {
      self: parts.options.nodeId,
      puller: pullerHost(parts),
      requestJoin: () => parts.consensus.requestJoin(),
      departed: () => parts.consensus.departed,
      ready: () => parts.consensus.ready(),
      oweEverybody: (ring) => {
        for (const { nodeId } of ring.doc.members)
          if (nodeId !== parts.options.nodeId) parts.hintStore.oweAll(nodeId);
      },
      reindex: (then) => {
        const { log, disk, records, requests, expiry } = parts;
        const reindex = new Reindex({ log, disk, records, requests, expiry }, then);
        reindex.start();
        return () => reindex.stop();
      },
      persistRecovering: (recovering, then) =>
        parts.log.whenDurable(parts.log.stage(recoveringRow, recovering ? nothing : null), then),
      persistFilled: (then) => parts.log.whenDurable(parts.log.stage(emptyRow, null), then),
      stateChanged: (state, reason) => stateChanged(parts, state, reason),
    },
    lost || meta.has(recoveringRow),
    fresh || meta.has(emptyRow),
  );
}

function stateChanged(parts: Parts, state: NodeState, reason: string): void {
  parts.event({ type: 'state', state, reason });
  if (parts.started) tellFacts(parts, parts.consensus.current());
}

function pullerHost(parts: Parts): PullerHost {
  return {
    timers: parts.timers,
    epoch: () => parts.consensus.current()?.epoch ?? 0,
    heardEpoch: parts.heardEpoch,
    call: (source, build, answered) => parts.calls.call(source, build, answered),
    closeCall: (rpc) => parts.calls.close(rpc),
    merge: (ref, record, then) => parts.replica.learn(ref, record, (result) => then(result === 'ok')),
    progress: (bucketsDone, bucketsTotal, bytes, from) =>
      parts.event({ type: 'transfer', from, to: parts.options.nodeId, bucketsDone, bucketsTotal, bytes }),
  };
}

export function makePullServer(parts: Parts): PullServer {
  return new PullServer({
    log: parts.log,
    disk: parts.disk,
    epoch: () => parts.consensus.current()?.epoch ?? null,
    recovering: () => parts.ownership.recovering,
    heardEpoch: parts.heardEpoch,
    send: (to, message) => void parts.send(to, message),
    corrupt: (row) => damagedRow(parts, row),
  });
}

export function makeCleaner(parts: Parts): Cleaner {
  return new Cleaner({
    self: parts.options.nodeId,
    timers: parts.timers,
    log: parts.log,
    disk: parts.disk,
    records: parts.records,
    handOver: new HandOver({
      epoch: () => parts.consensus.current()?.epoch ?? null,
      replicasOf: parts.replicasOf,
      isReachable: (node) => parts.swim.isAlive(node),
      ask: (target, build, withinMs, answered) => ask(parts, target, build, withinMs, answered),
    }),
    owed: (ref) => parts.hintStore.holds(ref) || parts.unsettled.holds(ref),
    freed: () => parts.ownership.freed(),
  });
}
