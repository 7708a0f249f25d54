import { expect, it } from 'vitest';
import { runBatch } from './swarm.ts';

/** Lifetimes of every test run: the first seeds. `pnpm sim` draws others each time. */
const lifetimes = 100;

it('lives its first lifetimes with no invariant broken, and each tenth one twice alike', {
  timeout: 300_000,
}, () => {
  const totals = runBatch({ first: 1, count: lifetimes, rerunEvery: 10 });
  const broken = totals.failures.map(({ options, report }) => {
    const { invariant, message } = report.violation ?? { invariant: '?', message: '?' };
    return `${invariant}: ${message}; replay: pnpm sim --seed ${options.seed} --trace`;
  });
  expect(broken).toEqual([]);
  expect([totals.lifetimes, totals.rerun]).toEqual([lifetimes, lifetimes / 10]);
  expect(totals.acknowledged).toBeGreaterThan(10 * lifetimes);
});
