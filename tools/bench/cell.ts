/** One measurement: what is asked, by how many, for how long. */
export interface Cell {
  /** A: half reads; B: 95 % reads; C: reads only; W: writes only (the letters of YCSB, Cooper et al., SoCC 2010, plus W). */
  readonly workload: Workload;
  readonly distribution: Distribution;
  readonly valueBytes: number;
  readonly connections: number;
  /** Requests per second to offer, whatever the answers take; null asks again as soon as answered (closed loop). */
  readonly ratePerSecond: number | null;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly keys: number;
}

export const workloads = ['A', 'B', 'C', 'W'] as const;
export type Workload = (typeof workloads)[number];

export const distributions = ['uniform', 'zipfian'] as const;
export type Distribution = (typeof distributions)[number];

/** Share of reads, from 0 to 1. */
export const readShare: Readonly<Record<Workload, number>> = { A: 0.5, B: 0.95, C: 1, W: 0 };

export function describeCell(cell: Cell): string {
  const { workload, distribution, valueBytes, connections, ratePerSecond } = cell;
  const loop = ratePerSecond === null ? 'closed' : `open at ${Math.round(ratePerSecond)}/s`;
  return `${workload} ${distribution} ${bytesText(valueBytes)}, ${connections} connections, ${loop}`;
}

export function bytesText(bytes: number): string {
  return bytes >= 1000 ? `${bytes / 1000} KB` : `${bytes} B`;
}
