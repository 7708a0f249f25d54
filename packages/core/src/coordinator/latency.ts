import type { NodeId } from '../base/ids.ts';

/** Samples kept per peer: enough for a p95 that follows a change within a hundred answers. */
const samplesMax = 128;
/** Samples between two computations of the p95: sorting each time would cost more than it tells. */
const recomputeEvery = 128;

interface Samples {
  readonly values: Float64Array;
  count: number;
  p95: number;
}

/** Recent answer times of peers, for choosing whom to ask and when to ask one more. */
export class PeerLatency {
  readonly #peers = new Map<NodeId, Samples>();
  /** Answer with this while a peer has too few samples, in ms. */
  readonly #initialMs: number;

  constructor(initialMs: number) {
    this.#initialMs = initialMs;
  }

  note(peer: NodeId, ms: number): void {
    let samples = this.#peers.get(peer);
    if (samples === undefined) {
      samples = { values: new Float64Array(samplesMax), count: 0, p95: this.#initialMs };
      this.#peers.set(peer, samples);
    }
    samples.values[samples.count % samplesMax] = ms;
    samples.count++;
    if (samples.count % recomputeEvery === 0) samples.p95 = percentile95(samples);
  }

  /** The time within which 95 of 100 recent answers of `peer` came, in ms. */
  p95(peer: NodeId): number {
    return this.#peers.get(peer)?.p95 ?? this.#initialMs;
  }

  forget(peer: NodeId): void {
    this.#peers.delete(peer);
  }
}

function percentile95(samples: Samples): number {
  const size = Math.min(samples.count, samplesMax);
  const sorted = samples.values.slice(0, size).sort();
  return sorted[Math.min(size - 1, Math.floor(size * 0.95))] ?? 0;
}
