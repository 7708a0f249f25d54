/**
 * `pnpm sim:mutations` puts known bugs back into the core, one at a time, and looks whether the simulator catches each
 * of them: the measure of the simulator itself. Exits with 1 when one escapes.
 */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { corpus } from '../mutations/corpus.ts';
import { type HuntReport, hunt, isExpected } from '../mutations/hunt.ts';
import { bundleWorker } from './bundle.ts';

const usage = `pnpm sim:mutations                    hunt every mutation
  --only NAME          only mutations whose name contains NAME; may be repeated
  --seconds-each S     longest hunt of one mutation (default: 120)
  --seeds-each K       most lifetimes of one mutation (default: 20000)
  --from SEED          first seed (default: 1)
  --workers K          threads (default: one per core)
  --list               only name them
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    'seconds-each': { type: 'string', default: '120' },
    'seeds-each': { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { only } = values;
  const chosen = corpus.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  if (values.list) {
    for (const { name, bug } of chosen) process.stdout.write(`${name}: ${bug}\n`);
    return 0;
  }
  if (chosen.length === 0) {
    process.stderr.write(`no mutation is named like ${only.join(', ')}\n`);
    return 2;
  }
  const plain = await bundleWorker();
  try {
    const reports: HuntReport[] = [];
    for (const mutation of chosen) {
      const report = await hunt(mutation, {
        plain,
        workers: Number(values.workers),
        first: Number(values.from),
        seedsMax: Number(values['seeds-each']),
        msMax: Number(values['seconds-each']) * 1000,
      });
      reports.push(report);
      process.stderr.write(`[${reports.length}/${chosen.length}] ${progressText(report)}\n`);
    }
    process.stdout.write(tableText(reports));
    return reports.every(({ caught }) => caught !== null) ? 0 : 1;
  } finally {
    await rm(dirname(plain), { recursive: true });
  }
}

function progressText({ mutation, caught, seeds, ms }: HuntReport): string {
  const cost = `${seeds} lifetimes, ${seconds(ms)} s`;
  if (caught === null) return `${mutation.name} escaped: ${cost}`;
  return `${mutation.name}: ${caught.invariant} at seed ${caught.seed} (${cost}): ${caught.message.split('\n', 1)[0]}`;
}

/** One line per mutation; an invariant in brackets is none of those the mutation was written to break. */
function tableText(reports: readonly HuntReport[]): string {
  const width = Math.max(...reports.map(({ mutation }) => mutation.name.length));
  const caught = reports.filter((report) => report.caught !== null);
  return [
    `${'mutation'.padEnd(width)}  caught by  lifetimes  seconds`,
    ...reports.map(
      (report) =>
        `${report.mutation.name.padEnd(width)}  ${caughtBy(report).padEnd(9)}  ${String(report.seeds).padStart(9)}  ${seconds(report.ms).padStart(7)}`,
    ),
    `${caught.length} of ${reports.length} caught; median ${seconds(median(caught.map(({ ms }) => ms)))} s`,
    '',
  ].join('\n');
}

function caughtBy({ mutation, caught }: HuntReport): string {
  if (caught === null) return 'ESCAPED';
  return isExpected(mutation, caught) ? caught.invariant : `(${caught.invariant})`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
