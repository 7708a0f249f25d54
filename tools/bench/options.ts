import { Command, InvalidArgumentError } from 'commander';
import { type Cell, type Distribution, distributions, type Workload, workloads } from './cell.ts';
import { keysMax } from './key-chooser.ts';

export interface BenchOptions {
  readonly workloads: readonly Workload[];
  readonly distributions: readonly Distribution[];
  readonly valueBytes: readonly number[];
  readonly connections: readonly number[];
  /** Closed-loop cells, open-loop cells at a share of the measured peak, or both. */
  readonly loops: readonly ('closed' | 'open')[];
  /** Offered rate of open-loop cells as a share of the closed loop's throughput. */
  readonly openShare: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly keys: number;
  readonly nodes: number;
  /** Drive one node, or spread the connections over all. */
  readonly drive: 'one' | 'all';
  readonly generators: number;
  readonly port: number;
  readonly out: string;
}

const loops = ['closed', 'open'] as const;

/** Reads the command line; without options it is the whole matrix of the README's figures. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const command = new Command('bench')
    .description(
      'Starts a cluster of its own and measures it, with a bare node:http server as the yardstick.',
    )
    .option('--workloads <list>', `of ${workloads.join(',')}`, oneOf(workloads), ['A', 'B', 'C', 'W'])
    .option('--distributions <list>', 'of uniform,zipfian', oneOf(distributions), ['uniform', 'zipfian'])
    .option('--value-bytes <list>', 'sizes of values', numbers(1, 1_000_000), [100, 10_000])
    .option('--connections <list>', 'connections', numbers(1, 4096), [1, 64, 256])
    .option('--loops <list>', 'of closed,open', oneOf(loops), ['closed', 'open'])
    .option('--open-share <share>', 'rate of open loops, as a share of the peak', number(0.01, 2), 0.5)
    .option('--seconds <number>', 'measured per cell', number(0.1, 3600), 5)
    .option('--warmup <number>', 'seconds before each measurement', number(0, 600), 1)
    .option('--keys <number>', 'distinct keys', number(3, keysMax), 5000)
    .option('--nodes <number>', 'nodes of the cluster', number(1, 16), 3)
    .option('--drive <which>', 'one node or all', oneOf(['one', 'all'] as const), ['one'])
    .option('--generators <number>', 'processes that generate load', number(1, 64), 2)
    .option('--port <number>', 'first port of the cluster', number(1, 65_000), 18_380)
    .option('--out <file>', 'where the JSON goes', 'bench-results/latest.json')
    .parse(argv, { from: 'user' });
  const { warmup, drive, ...rest } = command.opts();
  return {
    ...(rest as Omit<BenchOptions, 'warmupSeconds' | 'drive'>),
    warmupSeconds: warmup,
    drive: drive[0],
  }; // commander's opts are untyped
}

function oneOf<const T extends string>(allowed: readonly T[]) {
  return (text: string): T[] =>
    text.split(',').map((part) => {
      const found = allowed.find((item) => item === part);
      if (found === undefined) throw new InvalidArgumentError(`must be of ${allowed.join(', ')}`);
      return found;
    });
}

function number(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`must be from ${min} to ${max}`);
    return value;
  };
}

function numbers(min: number, max: number) {
  return (text: string): number[] => text.split(',').map(number(min, max));
}

/** Every closed-loop cell the options ask for: large values only with uniform keys and the middle number of connections. */
export function closedCells(options: BenchOptions): Cell[] {
  const cells: Cell[] = [];
  const [small = 100, ...large] = options.valueBytes;
  const middle = options.connections[Math.floor(options.connections.length / 2)]!;
  for (const workload of options.workloads) {
    for (const distribution of options.distributions) {
      for (const connections of options.connections)
        cells.push(cellOf(options, { workload, distribution, connections, valueBytes: small }));
    }
    for (const valueBytes of large) {
      cells.push(
        cellOf(options, {
          workload,
          distribution: options.distributions[0]!,
          connections: middle,
          valueBytes,
        }),
      );
    }
  }
  return cells;
}

function cellOf(
  { seconds, warmupSeconds, keys }: BenchOptions,
  what: Pick<Cell, 'workload' | 'distribution' | 'connections' | 'valueBytes'>,
): Cell {
  return { ...what, ratePerSecond: null, seconds, warmupSeconds, keys };
}
