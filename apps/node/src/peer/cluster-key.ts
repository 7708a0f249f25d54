import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Keys made from the cluster secret, one for each use, so that nothing signed for one use can be replayed in another.
 */
export interface ClusterKeys {
  readonly handshake: Uint8Array;
  readonly packets: Uint8Array;
}

export function clusterKeys(secret: Uint8Array): ClusterKeys {
  const derive = (label: string) => createHmac('sha256', secret).update(label).digest();
  return { handshake: derive('starling handshake 1'), packets: derive('starling packets 1') };
}

/** HMAC-SHA256 over a list of texts. JSON keeps the list unambiguous: no two lists have the same form. */
export function sign(key: Uint8Array, parts: readonly string[]): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest();
}

/** Whether two authentication codes are equal, in a time that does not depend on where they differ. */
export function sameCode(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
