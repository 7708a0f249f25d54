/**
 * Membership packets as bytes. Layout: format version, kind, header (sender, instance, cluster, view), the kind's own
 * fields, then the states. Every packet has one encoding, and bytes that are no packet decode to null, whatever they
 * are: peers may be of another version, broken, or no peers at all.
 */
import { unreachable } from '../base/assert.ts';
import { type Address, type NodeId, parseAddress, parseNodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { utf8Length } from '../base/utf8.ts';
import { ByteReader } from '../codec/reader.ts';
import { varintLength } from '../codec/varint.ts';
import { ByteWriter } from '../codec/writer.ts';
import type {
  MemberClaim,
  MemberFacts,
  MemberState,
  MemberStatus,
  PacketBody,
  RefusalReason,
  SwimPacket,
  Sync,
} from './packet.ts';

/** First byte of every packet. Packets of another version are not understood, so not answered. */
const formatVersion = 1;

const kinds = ['ping', 'ack', 'pingRequest', 'nack', 'gossip', 'sync', 'refuse'] as const;
const phases = ['ask', 'answer', 'rest'] as const;
const reasons = ['nodeIdInUse', 'foreignCluster', 'membersFull'] as const;
const statuses = ['alive', 'suspect', 'dead', 'left'] as const;

const nodeIdBytesMax = 64;
const addressBytesMax = 260;
/** Shortest possible state: every text at its shortest, no cluster. */
const stateBytesMin = 23;
/** States in a packet that is no push/pull: their number fits one byte of length. */
export const newsMax = 127;

/** Most that a push/pull packet takes beside its states: version, kind, sender, instance, cluster, view, own fields, count. */
export const syncHeaderBytesMax = 2 + 1 + nodeIdBytesMax + 8 + 9 + 4 + 5 + 3;

const writer = new ByteWriter(2048);

/** The bytes of a packet. Its texts must be well formed and within their bounds, as `decodePacket` checks them. */
export function encodePacket(packet: SwimPacket): Uint8Array {
  writer.clear();
  writer.u8(formatVersion);
  writer.u8(kinds.indexOf(packet.kind));
  writer.text(packet.sender);
  writer.hex64(packet.instanceId);
  writeCluster(packet.cluster);
  writer.u32(packet.view);
  writeBody(packet);
  writer.varint(packet.updates.length);
  for (const state of packet.updates) writeState(state);
  return writer.finish();
}

/** The packet that these bytes encode, or null if they encode none. Never throws. */
export function decodePacket(bytes: Uint8Array): SwimPacket | null {
  if (bytes.length > limits.swimSyncBytesMax) return null;
  const reader = new ByteReader(bytes);
  if (reader.u8() !== formatVersion) return null;
  const kind = kinds[reader.u8()];
  const sender = readNodeId(reader);
  const instanceId = reader.hex64();
  const cluster = readCluster(reader);
  const view = reader.u32();
  const body = kind === undefined ? null : readBody(reader, kind);
  if (body === null || sender === null) return null;
  const updates = readStates(reader, body.kind === 'sync' ? limits.swimSyncStatesMax : newsMax);
  return reader.complete() && updates !== null
    ? { ...body, sender, instanceId, cluster, view, updates }
    : null;
}

/** Exactly the length of what `encodePacket` would make, found without making it. */
export function packetBytes(packet: SwimPacket): number {
  let bytes = 2 + textBytes(packet.sender) + 8 + clusterBytes(packet.cluster) + 4 + bodyBytes(packet);
  bytes += varintLength(packet.updates.length);
  for (const state of packet.updates) bytes += stateBytes(state);
  return bytes;
}

/** Bytes that one state takes in a packet. Up to `newsMax` states it adds nothing else. */
export function stateBytes({ claim, by }: MemberState): number {
  const { nodeId, address, incarnation, factsVersion, facts } = claim;
  return (
    textBytes(nodeId) +
    8 +
    textBytes(address) +
    varintLength(incarnation) +
    varintLength(factsVersion) +
    clusterBytes(facts.clusterId) +
    varintLength(facts.ringEpoch) +
    textBytes(facts.version) +
    textBytes(facts.zone) +
    textBytes(facts.state) +
    1 +
    (by === nodeId ? 1 : textBytes(by))
  );
}

/** What counts against `limits.factsBytesMax`: the texts of the facts, in UTF-8. */
export function factsBytes({ clusterId, version, zone, state }: MemberFacts): number {
  return clusterId.length + utf8Length(version) + utf8Length(zone) + utf8Length(state);
}

function textBytes(text: string): number {
  const length = utf8Length(text);
  return varintLength(length) + length;
}

function clusterBytes(clusterId: string): number {
  return clusterId === '' ? 1 : 9;
}

function bodyBytes(body: SwimPacket): number {
  switch (body.kind) {
    case 'ping':
    case 'pingRequest':
      return 4 + textBytes(body.target) + 8;
    case 'ack':
      return 4 + textBytes(body.subject);
    case 'nack':
      return 4;
    case 'gossip':
      return 0;
    case 'sync':
    case 'refuse':
      return 5;
    default:
      return unreachable(body);
  }
}

function writeBody(packet: SwimPacket): void {
  if (packet.kind !== 'gossip') writer.u32(packet.seq);
  switch (packet.kind) {
    case 'ping':
    case 'pingRequest':
      writer.text(packet.target);
      return writer.hex64(packet.targetInstance);
    case 'ack':
      return writer.text(packet.subject);
    case 'sync':
      return writer.u8(phases.indexOf(packet.phase));
    case 'refuse':
      return writer.u8(reasons.indexOf(packet.reason));
    case 'nack':
    case 'gossip':
      return;
    default:
      return unreachable(packet);
  }
}

function readBody(reader: ByteReader, kind: SwimPacket['kind']): PacketBody | null {
  const seq = kind === 'gossip' ? 0 : reader.u32();
  switch (kind) {
    case 'ping':
    case 'pingRequest': {
      const target = readNodeId(reader);
      return target && { kind, seq, target, targetInstance: reader.hex64() };
    }
    case 'ack': {
      const subject = readNodeId(reader);
      return subject && { kind, seq, subject };
    }
    case 'nack':
      return { kind, seq };
    case 'gossip':
      return { kind };
    case 'sync': {
      const phase: Sync['phase'] | undefined = phases[reader.u8()];
      return phase === undefined ? null : { kind, phase, seq };
    }
    case 'refuse': {
      const reason: RefusalReason | undefined = reasons[reader.u8()];
      return reason === undefined ? null : { kind, seq, reason };
    }
    default:
      return unreachable(kind);
  }
}

function writeState({ claim, status, by }: MemberState): void {
  const { facts } = claim;
  writer.text(claim.nodeId);
  writer.hex64(claim.instanceId);
  writer.text(claim.address);
  writer.varint(claim.incarnation);
  writer.varint(claim.factsVersion);
  writeCluster(facts.clusterId);
  writer.varint(facts.ringEpoch);
  writer.text(facts.version);
  writer.text(facts.zone);
  writer.text(facts.state);
  writer.u8(statuses.indexOf(status));
  writer.text(by === claim.nodeId ? '' : by);
}

function readStates(reader: ByteReader, statesMax: number): MemberState[] | null {
  const count = reader.count(stateBytesMin);
  if (count > statesMax) return null;
  const states: MemberState[] = [];
  for (let i = 0; i < count; i++) {
    const state = readState(reader);
    if (state === null) return null;
    states.push(state);
  }
  return states;
}

function readState(reader: ByteReader): MemberState | null {
  const claim = readClaim(reader);
  const status: MemberStatus | undefined = statuses[reader.u8()];
  const byText = reader.text(nodeIdBytesMax);
  if (claim === null || status === undefined) return null;
  const by = byText === '' ? claim.nodeId : parseNodeId(byText);
  if (by === null || (byText !== '' && by === claim.nodeId)) return null;
  // Only a member itself says that it is alive, and only others say that it is not.
  const byItself = by === claim.nodeId;
  const fits = status === 'left' || byItself === (status === 'alive');
  return fits ? { claim, status, by } : null;
}

function readClaim(reader: ByteReader): MemberClaim | null {
  const nodeId = readNodeId(reader);
  const instanceId = reader.hex64();
  const address: Address | null = parseAddress(reader.text(addressBytesMax));
  const incarnation = reader.varint();
  const factsVersion = reader.varint();
  const facts = readFacts(reader);
  if (nodeId === null || address === null || incarnation === 0 || facts === null) return null;
  return { nodeId, instanceId, address, incarnation, factsVersion, facts };
}

function readFacts(reader: ByteReader): MemberFacts | null {
  const clusterId = readCluster(reader);
  const ringEpoch = reader.varint();
  const version = reader.text(limits.factsBytesMax);
  const zone = reader.text(limits.factsBytesMax);
  const state = reader.text(limits.factsBytesMax);
  const facts = { clusterId, ringEpoch, version, zone, state };
  return factsBytes(facts) <= limits.factsBytesMax ? facts : null;
}

function readNodeId(reader: ByteReader): NodeId | null {
  return parseNodeId(reader.text(nodeIdBytesMax));
}

function writeCluster(clusterId: string): void {
  writer.flag(clusterId !== '');
  if (clusterId !== '') writer.hex64(clusterId);
}

function readCluster(reader: ByteReader): string {
  return reader.flag() ? reader.hex64() : '';
}
