import { originOf } from './cluster.ts';
import { expect, expectSamePage, markPage, networkNoise, test } from './fixtures.ts';
import { until } from './processes.ts';

/** What the console shows while real nodes die, freeze and come back; never with a reload. */

test.use({ expectedNoise: networkNoise });

/** The console must show what the cluster knows within a second; the other half is for asking and drawing. */
const shownWithinMs = 1500;

test('the death of the node a tab listens to: another is found, and the death is shown', async ({
  page,
  cluster,
}, info) => {
  await cluster.start(3);
  await cluster.put(1, 'greeting', { value: 'hello' });
  await page.goto('/overview');
  await expect(page.getByText('seen by node-1')).toBeVisible();
  await markPage(page);

  await cluster.kill(1);
  await expect(page.getByText(/seen by node-[23]/)).toBeVisible({ timeout: 2000 });
  await until('the death', 20_000, async () => (await cluster.status(2, 1)) === 'dead');
  const row = page.getByRole('table', { name: 'Nodes' }).getByRole('row', { name: /node-1/ });
  await expect(row).toContainText('dead', { timeout: shownWithinMs });
  await expect(page.getByTestId('health-line')).toContainText('Degraded');
  await expect(page.getByRole('list', { name: 'Reasons' })).toContainText('node-1 is dead');
  await page.screenshot({ path: info.outputPath('node-1-dead.png'), fullPage: true });
  await page
    .getByRole('list', { name: 'Reasons' })
    .getByRole('button', { name: /node-1 is dead/ })
    .click();
  await expect(page.getByRole('complementary', { name: 'Inspector' })).toContainText('node-1');

  await page.getByRole('link', { name: 'Keys' }).click();
  await page.getByRole('textbox', { name: 'Key', exact: true }).fill('greeting');
  await page.getByRole('button', { name: 'Read', exact: true }).click();
  await expect(page.getByTestId('version')).toContainText('hello');
  await expectSamePage(page);
});

test('two of three nodes frozen: a write is refused with what was needed, and works again after', async ({
  page,
  cluster,
}, info) => {
  await cluster.start(3);
  await page.goto('/data');
  await expect(page.getByText('seen by node-1')).toBeVisible();
  await markPage(page);
  cluster.freeze(2);
  cluster.freeze(3);

  await page.getByRole('textbox', { name: 'Key', exact: true }).fill('frozen');
  await page.getByRole('textbox', { name: 'Value, any JSON' }).fill('1');
  await page.getByRole('button', { name: 'Write', exact: true }).click();
  const problem = page.getByTestId('problem');
  await expect(problem).toContainText('quorum_unavailable', { timeout: 6000 });
  await expect(problem).toContainText(/Needed 2 replicas/);
  const said = problem.getByRole('table', { name: 'What each replica said' });
  await expect(said.getByRole('row')).toHaveCount(4);
  await page.screenshot({ path: info.outputPath('two-frozen.png'), fullPage: true });
  await expect(page.getByTestId('health-line')).toContainText('Critical', { timeout: 30_000 });

  cluster.thaw(2);
  cluster.thaw(3);
  await expect(page.getByTestId('health-line')).toContainText('Healthy', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Write', exact: true }).click();
  await expect(page.getByTestId('outcome')).toContainText('ok');
  await expectSamePage(page);
});

test('the node a tab listens to freezes: its sockets stay open, and the tab leaves it all the same', async ({
  page,
  cluster,
}) => {
  await cluster.start(3);
  await page.goto('/overview');
  await expect(page.getByText('seen by node-1')).toBeVisible();
  await markPage(page);
  cluster.freeze(1);
  await expect(page.getByText(/seen by node-[23]/)).toBeVisible({ timeout: 6000 });
  cluster.thaw(1);
  await expect(page.getByTestId('health-line')).toContainText('Healthy', { timeout: 30_000 });
  await expectSamePage(page);
});

test('a node that was away is owed its writes, and is caught up when it returns', async ({
  page,
  cluster,
}, info) => {
  await cluster.start(3);
  await page.goto('/overview');
  await expect(page.getByText('seen by node-1')).toBeVisible();
  await markPage(page);
  await cluster.kill(3);
  await until('the death', 20_000, async () => (await cluster.status(1, 3)) === 'dead');
  for (let each = 0; each < 40; each++) await cluster.put(1, `away/${each}`, { value: each });
  await expect(page.getByText(/node-3 is owed \d+ keys/)).toBeVisible();
  await page.screenshot({ path: info.outputPath('node-3-away.png'), fullPage: true });

  await cluster.startNode(3);
  const row = page.getByRole('table', { name: 'Nodes' }).getByRole('row', { name: /node-3/ });
  await expect(row).toContainText('alive');
  await expect(page.getByText(/node-3 is owed/)).toBeHidden({ timeout: 20_000 });
  await expect(row.getByRole('cell').nth(2)).toHaveText('40');
  const kept = await (await fetch(`${originOf(3)}/api/v1/data/away%2F39?consistency=one`)).json();
  expect(kept.value).toBe(39);
  await expectSamePage(page);
});
