import { expect, it } from 'vitest';
import { scenarioText } from './print.ts';
import type { Step } from './step.ts';

const steps: readonly Step[] = [
  { name: 'a1', at: 3, deed: { verb: 'get', args: ['n1', "it's", {}] } },
  { name: 'a4', at: 5.5, deed: { verb: 'put', args: ['n2', 'c/0', 2, { seen: 'a1', requestId: 'c1-1' }] } },
  { name: 'a5', at: 6, deed: { verb: 'put', args: ['n2', 'c/0', 3, { seen: 'a2', level: { count: 2 } }] } },
  { name: 'a6', at: 7, deed: { verb: 'abandon', args: ['a5'] } },
  { name: 'a7', at: 7, deed: { verb: 'abandon', args: ['a3'] } },
  { name: 'a8', at: 8, deed: { verb: 'strike', args: ['disk.wipe', 100, 7] } },
];

it('prints what was kept, and says "nothing" of what was left out', () => {
  const options = { replicas: 2, faults: { 'disk.wipe': 1 } };
  const story = { nodes: 3, options, steps, judgedAt: 9 };
  expect(scenarioText({ seed: 42, invariant: 'I5', message: 'one\ntwo', story })).toBe(
    `import { test } from 'vitest';
import { judged } from '../scenario/judged-cluster.ts';

// one
test('I5 holds where seed 42 broke it', () => {
  const c = judged(3, { replicas: 2, faults: { 'disk.wipe': 1 } });
  const a1 = c.at(3).get('n1', 'it\\'s');
  c.at(5.5).put('n2', 'c/0', 2, { seen: a1, requestId: 'c1-1' });
  const a5 = c.at(6).put('n2', 'c/0', 3, { seen: 'nothing', level: { count: 2 } });
  c.at(7).abandon(a5);
  c.at(8).strike('disk.wipe', 100, 7);
  c.at(9).judge();
});
`,
  );
});
