import type { NodeId, RingEpoch } from '../base/ids.ts';
import { decodeRecord } from '../codec/record.ts';
import type { PeerMessage, PullCall, PullReply, ReplicaResult } from '../node/messages.ts';
import { keyRefOfRow } from '../ring/key.ts';
import type { Disk } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';
import { type RangesPage, scanRanges } from './scan-ranges.ts';

/** Bounds of one page: small enough that scanning and sending it holds nobody up. */
const pageSize = { rowsMax: 256, bytesMax: 262_144 };

export interface PullServerHost {
  readonly log: WriteLog;
  readonly disk: Disk;
  epoch(): RingEpoch | null;
  /** This node's own records may have holes. */
  recovering(): boolean;
  heardEpoch(node: NodeId, epoch: RingEpoch): void;
  send(to: NodeId, message: PeerMessage): void;
  /** A row of ours is damaged: have it mended from the other replicas. */
  corrupt(row: string): void;
}

/**
 * Hands out this node's records to one that takes over. It scans only after everything accepted under earlier epochs
 * is durable: from then on a write acknowledged under an old epoch is either in the pages or was refused here. While it
 * recovers it hands out what it has and says so: it may lack what it has acknowledged.
 */
export class PullServer {
  readonly #host: PullServerHost;

  constructor(host: PullServerHost) {
    this.#host = host;
  }

  receive(from: NodeId, call: PullCall): void {
    const refused = this.#fence(from, call.epoch);
    if (refused !== null) return this.#answer(from, call, refused, [], null);
    const { log, disk } = this.#host;
    log.whenDurable(log.lastSeq, () => {
      scanRanges(disk, call.ranges, call.after, pageSize, (page) => this.#page(from, call, page));
    });
  }

  #fence(from: NodeId, epoch: RingEpoch): ReplicaResult | null {
    const own = this.#host.epoch();
    if (own === null || epoch > own) {
      this.#host.heardEpoch(from, epoch);
      return 'unknownEpoch';
    }
    return epoch < own ? 'staleEpoch' : null;
  }

  #page(from: NodeId, call: PullCall, page: RangesPage): void {
    const records: {
      ref: PullReply['records'][number]['ref'];
      record: PullReply['records'][number]['record'];
    }[] = [];
    let damaged = false;
    for (const [row, value] of page.rows) {
      const ref = keyRefOfRow(row);
      const record = value instanceof Uint8Array ? decodeRecord(value) : null;
      if (ref === null || record === null) {
        damaged = true;
        this.#host.corrupt(row);
      } else records.push({ ref, record });
    }
    // A page with a hole is no proof that the arcs have been given: it is asked for again when the row is mended.
    if (damaged) return this.#answer(from, call, 'corrupt', [], null);
    const result = this.#host.recovering() ? 'recovering' : 'ok';
    this.#answer(from, call, result, records, page.next);
  }

  #answer(
    to: NodeId,
    call: PullCall,
    result: ReplicaResult,
    records: PullReply['records'],
    next: string | null,
  ): void {
    this.#host.send(to, {
      kind: 'pullReply',
      rpc: call.rpc,
      result,
      epoch: this.#host.epoch() ?? 0,
      records,
      next,
    });
  }
}
