/**
 * `pnpm sim:mutations` puts known bugs back into the core, one at a time, and looks whether the simulator catches each
 * of them: the measure of the simulator itself. Exits with 1 when one escapes both the swarm and its scenario.
 */
import { rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { corpus } from '../mutations/corpus.ts';
import { hunt } from '../mutations/hunt.ts';
import type { Mutation } from '../mutations/mutation.ts';
import { tellScenario } from '../mutations/scenario-hunt.ts';
import { seconds, type Trial, tablePage, tableText, verdictOf } from '../mutations/table.ts';
import { bundleWorker } from './bundle.ts';

const usage = `pnpm sim:mutations                    hunt every mutation
  --only NAME          only mutations whose name contains NAME; may be repeated
  --seconds-each S     longest hunt of one mutation (default: 120)
  --seeds-each K       most lifetimes of one mutation (default: 2000)
  --from SEED          first seed (default: 1)
  --workers K          threads (default: one per core)
  --write              write the table to docs/mutations.md as well
  --list               only name them
`;

const page = fileURLToPath(new URL('../../../../docs/mutations.md', import.meta.url));

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    'seconds-each': { type: 'string', default: '120' },
    'seeds-each': { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    write: { type: 'boolean', default: false },
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
  if (chosen.length === 0 || (values.write && chosen.length < corpus.length)) {
    const why = chosen.length === 0 ? `no mutation is named like ${only.join(', ')}` : 'only all of them';
    process.stderr.write(`${why}${chosen.length === 0 ? '' : ' can be written'}\n`);
    return 2;
  }
  const trials = await tryAll(chosen);
  process.stdout.write(tableText(trials));
  if (values.write) await writeFile(page, tablePage(trials, Number(values.from)));
  return trials.every((trial) => verdictOf(trial).caught) ? 0 : 1;
}

async function tryAll(chosen: readonly Mutation[]): Promise<Trial[]> {
  const plain = await bundleWorker();
  try {
    const trials: Trial[] = [];
    for (const mutation of chosen) {
      const trial = await tryOne(mutation, plain);
      trials.push(trial);
      process.stderr.write(`[${trials.length}/${chosen.length}] ${progressText(trial)}\n`);
    }
    return trials;
  } finally {
    await rm(dirname(plain), { recursive: true });
  }
}

async function tryOne(mutation: Mutation, plain: string): Promise<Trial> {
  const report = await hunt(mutation, {
    plain,
    workers: Number(values.workers),
    first: Number(values.from),
    seedsMax: Number(values['seeds-each']),
    msMax: Number(values['seconds-each']) * 1000,
  });
  const { scenario, patches } = mutation;
  if (report.caught !== null || scenario === undefined)
    return { mutation, hunt: report, scenarioFailed: null };
  return { mutation, hunt: report, scenarioFailed: await whyOnlyMutated(scenario, patches) };
}

/** Why the story fails with the patches in; null if it passes, or fails without them too, which would say nothing. */
async function whyOnlyMutated(
  scenario: NonNullable<Mutation['scenario']>,
  patches: Mutation['patches'],
): Promise<string | null> {
  const plain = await tellScenario(scenario);
  const mutated = await tellScenario(scenario, patches);
  return plain.ended === 'passed' && mutated.ended === 'failed' ? mutated.why : null;
}

function progressText(trial: Trial): string {
  const { by, where } = verdictOf(trial);
  const { lifetimes, ms, caught } = trial.hunt;
  const why = (caught?.message ?? trial.scenarioFailed ?? '').split('\n', 1)[0];
  return `${trial.mutation.name}: ${by} ${where} (${lifetimes} lifetimes, ${seconds(ms)} s) ${why}`;
}
