/**
 * What one WebSocket message between nodes holds: a frame of messages as it comes from the codec, or, after a byte
 * that no frame begins with, one membership packet.
 */
const packetMark = 0;

export function wrapPacket(packet: Uint8Array): Uint8Array {
  const wrapped = new Uint8Array(packet.length + 1);
  wrapped[0] = packetMark;
  wrapped.set(packet, 1);
  return wrapped;
}

/** The packet inside a message of the wire, or null if it is a frame. */
export function packetIn(bytes: Uint8Array): Uint8Array | null {
  return bytes.length > 0 && bytes[0] === packetMark ? bytes.subarray(1) : null;
}
