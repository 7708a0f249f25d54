/**
 * The swarm of continuous integration: fixed seeds on every core, so that a failure is the same everywhere. It runs by
 * itself (`pnpm --filter @starling/testing test:swarm`): real processes with deadlines would starve beside it.
 * `pnpm sim` draws other seeds each time.
 */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { faultKinds } from '../sim/fault-kinds.ts';
import { emptyTotals, type SwarmTotals } from '../sim/totals.ts';
import { bundleWorker } from './bundle.ts';
import { runPool } from './pool.ts';
import { shrinkAndTell } from './shrink.ts';
import { failureText, markersFromLifetimes, totalsText, unreachedMarkers } from './sim-report.ts';

const { CI, STARLING_LIFETIMES } = process.env;
/** Ten times fewer where somebody waits for the result. */
const lifetimes = Number(STARLING_LIFETIMES ?? (CI === undefined ? 500 : 5000));
const batch = 20;
const rerunEvery = 20;
const progressEveryMs = 10_000;
/** Failures told in full; of the others the replay command says enough. */
const failuresTold = 3;
const shrinkLimits = { triesMax: 3000, msMax: 60_000 };
/** Ends only what hangs: at the speed that is asked for, two cores need two and a half minutes. */
const timeLimitMs = 900_000;

let totals = emptyTotals();

beforeAll(async () => {
  const begun = Date.now();
  const workers = availableParallelism();
  const bundle = await bundleWorker();
  let shownAt = begun;
  try {
    totals = await runPool({
      bundle,
      workers,
      first: 1,
      batch,
      rerunEvery,
      enough: (_soFar, handedOut) => handedOut >= lifetimes,
      progress: (soFar) => {
        if (Date.now() - shownAt < progressEveryMs) return;
        shownAt = Date.now();
        tell(progressText(soFar));
      },
    });
    const [first] = totals.failures;
    if (first !== undefined) await shrinkAndTell(bundle, first.options.seed, shrinkLimits);
  } finally {
    await rm(dirname(bundle), { recursive: true });
  }
  tell(totalsText(totals, Date.now() - begun, workers));
  for (const failure of totals.failures.slice(0, failuresTold)) tell(failureText(failure));
}, timeLimitMs);

describe(`${lifetimes} lifetimes from seed 1`, () => {
  it('break no invariant', () => {
    const broken = totals.failures.map(({ options, report }) => {
      const { invariant, message } = report.violation ?? { invariant: '?', message: '?' };
      return `${invariant}: ${message.split('\n', 1)[0]}; replay: pnpm sim --seed ${options.seed} --trace`;
    });
    expect(broken).toEqual([]);
  });

  it('are all lived, some of them twice alike', () => {
    expect(totals.lifetimes).toBe(lifetimes);
    expect(totals.rerun).toBe(lifetimes / rerunEvery);
    expect(totals.acknowledged).toBeGreaterThan(10 * lifetimes);
  });

  it('meet every kind of fault', () => {
    expect(faultKinds.filter((kind) => (totals.faults[kind] ?? 0) === 0)).toEqual([]);
  });

  it.skipIf(lifetimes < markersFromLifetimes)('come through every situation worth testing', () => {
    expect(unreachedMarkers(totals)).toEqual([]);
  });
});

function progressText({ lifetimes: lived, failures }: SwarmTotals): string {
  return `${lived} of ${lifetimes} lifetimes, ${failures.length} failed\n`;
}

function tell(text: string): void {
  process.stdout.write(text);
}
