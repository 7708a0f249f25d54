import { expect, networkNoise, test } from './fixtures.ts';

/** Each page with three real nodes, at both widths and in both themes. */

const pages = [
  { name: 'overview', path: '/overview', ready: 'Last minutes' },
  { name: 'ring', path: '/ring?key=greeting', ready: 'Where a key lives' },
  { name: 'data', path: '/data?key=greeting', ready: 'Request' },
];
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

test('every page shows what the nodes report', async ({ page, cluster }, info) => {
  await cluster.start(3);
  await cluster.put(2, 'greeting', { value: { text: 'hello' } });

  await page.goto('/overview');
  await expect(page.getByTestId('health-line')).toContainText('Healthy');
  const nodes = page.getByRole('table', { name: 'Nodes' });
  for (const nodeId of ['node-1', 'node-2', 'node-3']) {
    await expect(nodes.getByRole('row', { name: new RegExp(nodeId) })).toContainText('alive');
  }
  await expect(nodes.getByRole('row', { name: /node-1/ })).toContainText('MiB');
  await expect(page.getByRole('img', { name: /^Memory, resident: node-1 \d/ })).toBeVisible();

  await page.goto('/ring?key=greeting');
  await expect(page.getByText('450 vnodes of 3 nodes')).toBeVisible();
  await expect(page.getByTestId('placement')).toContainText('Bucket');
  await expect(page.getByRole('table', { name: 'Ownership by node' }).getByRole('row')).toHaveCount(4);

  await page.goto('/data?key=greeting');
  await expect(page.getByTestId('version')).toContainText('"text": "hello"');
  await expect(page.getByTestId('explain-steps')).toContainText('quorum');

  for (const theme of ['light', 'dark'] as const) {
    for (const size of sizes) {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize(size);
      for (const { name, path, ready } of pages) {
        await page.goto(path);
        await expect(page.getByRole('heading', { name: ready, exact: true })).toBeVisible();
        await expect(page.getByTestId('health-line')).toContainText('Healthy');
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(wider, `${name} at ${size.width} px scrolls sideways`).toBeLessThanOrEqual(0);
        await page.screenshot({
          path: info.outputPath(`${name}-${size.width}-${theme}.png`),
          fullPage: true,
        });
      }
    }
  }
});

test.describe('with no node', () => {
  test.use({ expectedNoise: networkNoise });

  test('the console says so, and comes alive by itself when nodes do', async ({ page, cluster }) => {
    await page.goto('/overview');
    await expect(page.getByTestId('health-line')).toContainText('Unknown');
    await expect(page.getByTestId('stream-notice')).toContainText('No node can be reached');
    await cluster.start(3);
    await expect(page.getByTestId('health-line')).toContainText('Healthy', { timeout: 20_000 });
    await expect(page.getByTestId('stream-notice')).toBeHidden();
  });

  test('the other pages say what is missing', async ({ page }) => {
    await page.goto('/ring');
    await expect(page.getByText('No node has answered yet', { exact: true })).toBeVisible();
    await page.goto('/data?key=a');
    await expect(page.getByTestId('problem')).toContainText('no_node_reachable');
    await expect(page.getByTestId('problem')).toContainText('nothing happened');
  });
});
