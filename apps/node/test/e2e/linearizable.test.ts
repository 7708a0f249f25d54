import { checkRegisters } from '@starling/testing/linearizability/check-keys.ts';
import { timelineText } from '@starling/testing/linearizability/timeline.ts';
import { Prng } from '@starling/testing/sim/prng.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { RegisterClients } from './register-clients.ts';
import { TestCluster } from './test-cluster.ts';

let cluster: TestCluster;

afterEach(() => cluster.close());

const { STARLING_LONG_TESTS, STARLING_SEED } = process.env;
const seconds = STARLING_LONG_TESTS === undefined ? 15 : 60;
const seed = Number(STARLING_SEED ?? Date.now());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills and pauses nodes at random, one or two at a time, until the time is over; answers how often it did each. */
async function disturb(random: Prng, forMs: number): Promise<Record<'kill' | 'pause', number>> {
  const done = { kill: 0, pause: 0 };
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    const first = random.below(3);
    const victims = random.chance(0.3) ? [first, (first + 1) % 3] : [first];
    await Promise.all(
      victims.map(async (i) => {
        const node = cluster.nodes[i]!;
        // Each fault is tried at least once, whatever the seed says.
        const kill = done.kill === 0 || (done.pause > 0 && random.chance(0.5));
        done[kill ? 'kill' : 'pause']++;
        if (kill) await node.end('SIGKILL');
        else node.pause();
        await wait(random.real(200, 2500));
        if (kill) node.start();
        else node.resume();
      }),
    );
    await wait(random.real(300, 1500));
  }
  return done;
}

describe('plain reads, writes and deletes under kill -9 and SIGSTOP at random', () => {
  it(`are linearizable for every key (STARLING_SEED=${seed})`, async () => {
    const random = new Prng(seed);
    cluster = await TestCluster.start(18_345, 3);
    const clients = new RegisterClients(cluster, random.split('clients'), 6);
    const faults = await disturb(random.split('faults'), seconds * 1000);
    await clients.stop();
    const findings = checkRegisters(clients.histories);
    const told = findings.map(
      ({ key, kind, window, stuck }) => `${kind} of ${key}\n${timelineText(window, stuck)}`,
    );
    expect(told.join('\n\n'), `seed ${seed}`).toBe('');
    // A run in which nothing happened would prove nothing.
    expect(faults.kill).toBeGreaterThan(0);
    expect(faults.pause).toBeGreaterThan(0);
    expect(clients.unknown).toBeGreaterThan(0);
    expect(clients.acknowledged).toBeGreaterThan(seconds * 20);
  });
});
