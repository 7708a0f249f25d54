/** What membership needs of the node, and what its news means to the other parts. */
import type { Member } from '../../membership/member.ts';
import { Swim } from '../../membership/swim.ts';
import type { Ring } from '../../ring/ring.ts';
import { encodePeers, peersRow } from '../meta-rows.ts';
import { noticeText } from '../notice-text.ts';
import type { Parts } from '../parts.ts';
import { StatsBoard } from '../stats-board.ts';

export function makeSwim(parts: Parts): Swim {
  const { nodeId, address, version, zone } = parts.options;
  const { instanceId, bootCounter } = parts.boot;
  const facts = { clusterId: '', ringEpoch: 0, version, zone, state: 'booting' };
  return new Swim(
    { nodeId, address, instanceId, bootCounter, facts },
    {
      timers: parts.timers,
      random: parts.random,
      wallMs: () => parts.wallMs(),
      sendPacket: (to, via, packet) => parts.emit({ type: 'packet', to, via, packet }),
      onMember: (member) => memberChanged(parts, member),
      onPeersChanged: (peers) => void parts.log.stage(peersRow, encodePeers(peers)),
      onNotice: (notice) => parts.event({ type: 'warning', code: notice.type, message: noticeText(notice) }),
    },
  );
}

function memberChanged(parts: Parts, member: Member): void {
  parts.event({ type: 'member', nodeId: member.nodeId, status: member.status });
  if (member.facts.ringEpoch > 0) parts.consensus.heardEpoch(member.nodeId, member.facts.ringEpoch);
  if (member.status === 'alive') parts.delivery.look(member.nodeId);
  if (member.status === 'dead' || member.status === 'left') parts.calls.disconnected(member.nodeId);
}

export function tellFacts(parts: Parts, ring: Ring | null): void {
  const { version, zone } = parts.options;
  const state = parts.ownership.state;
  parts.swim.updateFacts({
    clusterId: ring?.doc.clusterId ?? '',
    ringEpoch: ring?.epoch ?? 0,
    version,
    zone,
    state,
  });
}

export function makeStats(parts: Parts): StatsBoard {
  return new StatsBoard({
    self: parts.options.nodeId,
    wallMs: () => parts.wallMs(),
    counts: () => parts.counts(),
    transfer: () => parts.ownership.transfer,
    peers: () =>
      parts.swim
        .members()
        .filter((member) => member.nodeId !== parts.options.nodeId && parts.swim.isAlive(member.nodeId))
        .map((member) => member.nodeId),
    isMember: (node) => parts.swim.member(node) !== null,
    send: (to, message) => void parts.send(to, message),
  });
}
