/**
 * Cuts the power of machines that do nothing but write to a store, again and again, and checks that every promise was
 * kept: `power-cut.ts` without the cluster, so that a loss cannot be mended by another replica.
 *
 *   sudo pnpm tsx tools/chaos/power-cut-store.ts [--rounds 10] [--machines 1] [--acked 2000]
 *
 * Each round goes on with the disks as the last cut left them. Exits with 1 if a promised write is gone, and with 2 if the
 * power could not be cut, or if no cut took anything that was not synced, which would prove nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { CutDisk, type CutReport, cutRound, judge, whyNoPowerCut } from './power-cut-round.ts';

interface Options {
  readonly rounds: number;
  readonly machines: number;
  readonly acked: number;
}

const whole = (text: string): number => Math.max(1, Number.parseInt(text, 10) || 1);

async function main({ rounds, machines, acked }: Options): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'starling-power-cut-'));
  const disks: CutDisk[] = [];
  try {
    const reason = whyNoPowerCut(home);
    if (reason !== null) {
      console.error(reason);
      return 2;
    }
    for (let i = 1; i <= machines; i++) disks.push(new CutDisk(home, `machine-${i}`));
    return await cutAll(disks, rounds, acked);
  } finally {
    for (const disk of disks) disk.unmount();
    rmSync(home, { recursive: true, force: true });
  }
}

async function cutAll(disks: readonly CutDisk[], rounds: number, acked: number): Promise<number> {
  const all: CutReport[] = [];
  for (let round = 1; round <= rounds; round++) {
    // Not always at the same place: between one and two times the promises asked for.
    const reports = await cutRound(disks, `life-${round}`, Math.round(acked * (1 + Math.random())));
    for (const report of reports) console.log(line(round, report));
    all.push(...reports);
  }
  const { kept, real } = judge(all);
  const promised = all.reduce((sum, report) => sum + report.acked, 0);
  console.log(`${all.length} power cuts, ${promised} promised batches, ${kept ? 'all there' : 'SOME LOST'}`);
  if (!real) console.log('No cut took anything that was not synced: this proves nothing.');
  return kept ? (real ? 0 : 2) : 1;
}

function line(round: number, report: CutReport): string {
  const { machine, acked, whole: found, strays, unsyncedLeft, historyIntact, doubts, openedInMs } = report;
  const promises = `promised ${acked}, found ${found}, torn or out of order ${strays}`;
  const control = `of ${acked} lines never synced ${unsyncedLeft} left`;
  const history = historyIntact ? 'history intact' : `history in doubt (${doubts.join('; ')})`;
  return `round ${round} ${machine}: ${promises}; ${control}; ${history}; opened in ${openedInMs} ms`;
}

const options = new Command('power-cut-store')
  .option('--rounds <number>', 'power cuts per machine', whole, 10)
  .option('--machines <number>', 'machines that lose their power at the same instant', whole, 1)
  .option('--acked <number>', 'promised batches per machine before a cut, at least', whole, 2000)
  .parse()
  .opts<Options>();

process.exitCode = await main(options);
