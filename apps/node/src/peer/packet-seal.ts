import { createHmac } from 'node:crypto';
import { sameCode } from './cluster-key.ts';

/** Bytes of the authentication code before a packet: HMAC-SHA256 cut to 128 bits (RFC 2104 §5 allows half). */
export const sealBytes = 16;

/** Puts an authentication code before a membership packet, so that only holders of the cluster secret are heard. */
export function sealPacket(key: Uint8Array, packet: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(sealBytes + packet.length);
  codeOf(key, packet).copy(sealed, 0, 0, sealBytes);
  sealed.set(packet, sealBytes);
  return sealed;
}

/** The packet inside a sealed datagram, or null if it was not sealed with this key or has been changed. */
export function openPacket(key: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < sealBytes) return null;
  const packet = sealed.subarray(sealBytes);
  return sameCode(codeOf(key, packet).subarray(0, sealBytes), sealed.subarray(0, sealBytes)) ? packet : null;
}

function codeOf(key: Uint8Array, packet: Uint8Array): Buffer {
  return createHmac('sha256', key).update(packet).digest();
}
