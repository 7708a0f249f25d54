/** What happened on the wire since the process started, for the metrics. Mutable plain numbers: counted per frame. */
export interface PeerCounters {
  connects: number;
  connectFailures: number;
  handshakesRefused: number;
  framesSent: number;
  framesReceived: number;
  bytesSent: number;
  bytesReceived: number;
  messagesSent: number;
  messagesReceived: number;
  messagesDropped: number;
  framesMalformed: number;
  packetsSent: number;
  packetsReceived: number;
  packetsRefused: number;
  stalls: number;
}

export function peerCounters(): PeerCounters {
  return {
    connects: 0,
    connectFailures: 0,
    handshakesRefused: 0,
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    messagesSent: 0,
    messagesReceived: 0,
    messagesDropped: 0,
    framesMalformed: 0,
    packetsSent: 0,
    packetsReceived: 0,
    packetsRefused: 0,
    stalls: 0,
  };
}
