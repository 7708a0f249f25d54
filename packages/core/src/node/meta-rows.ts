import type { Address, NodeId } from '../base/ids.ts';
import { ByteReader } from '../codec/reader.ts';
import { ByteWriter } from '../codec/writer.ts';
import type { RecordCounts } from '../replica/recount.ts';
import type { ReadRow } from './input.ts';

export const countsRow = 'm/counts';
export const peersRow = 'm/peers';

/** Peers remembered over a restart, at most: any one of them leads back to all others. */
export const rememberedPeersMax = 256;

export interface RememberedPeer {
  readonly nodeId: NodeId;
  readonly address: Address;
}

/** Filled and emptied within one call. */
const scratch = new ByteWriter();

export function encodeCounts(counts: RecordCounts): Uint8Array {
  const writer = scratch.clear();
  writer.varint(Math.max(0, counts.keys));
  writer.varint(Math.max(0, counts.tombstones));
  writer.varint(Math.max(0, counts.recordBytes));
  return writer.finish();
}

export function decodeCounts(row: ReadRow | undefined): RecordCounts | null {
  if (!(row instanceof Uint8Array)) return null;
  const reader = new ByteReader(row);
  const counts = { keys: reader.varint(), tombstones: reader.varint(), recordBytes: reader.varint() };
  return reader.complete() ? counts : null;
}

export function encodePeers(peers: readonly RememberedPeer[]): Uint8Array {
  const writer = new ByteWriter();
  const kept = peers.slice(0, rememberedPeersMax);
  writer.varint(kept.length);
  for (const peer of kept) {
    writer.text(peer.nodeId);
    writer.text(peer.address);
  }
  return writer.finish();
}

export function decodePeers(row: ReadRow | undefined): RememberedPeer[] {
  if (!(row instanceof Uint8Array)) return [];
  const reader = new ByteReader(row);
  const peers: RememberedPeer[] = [];
  const count = Math.min(reader.varint(), rememberedPeersMax);
  for (let i = 0; i < count; i++) {
    peers.push({ nodeId: reader.text(64) as NodeId, address: reader.text(260) as Address });
  }
  return reader.complete() ? peers : [];
}
