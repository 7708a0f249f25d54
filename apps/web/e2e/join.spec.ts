import { expect, expectSamePage, markPage, test } from './fixtures.ts';

test('a node that joins is shown as it does, without a reload', async ({ page, cluster }, info) => {
  await cluster.start(3);
  for (let each = 0; each < 300; each++) await cluster.put(1 + (each % 3), `join/${each}`, { value: each });
  await page.goto('/ring');
  await expect(page.getByText('450 vnodes of 3 nodes')).toBeVisible();
  await markPage(page);
  // A join may be over between two looks, so every text the page shows on the way is kept.
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => seen.push(document.body.textContent ?? '')).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });

  cluster.begin(4);
  await expect(page.getByText('600 vnodes of 4 nodes')).toBeVisible({ timeout: 60_000 });
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen.join('\n'));
  expect(seen).toMatch(/tokens pending|node-4 is joining/);
  const ownership = page.getByRole('table', { name: 'Ownership by node' });
  await expect(ownership.getByRole('row', { name: /node-4/ })).toContainText('alive');
  await expect(ownership.getByRole('row', { name: /node-4/ })).toContainText(/2[45]\.\d/);
  await page.screenshot({ path: info.outputPath('node-4-joined.png'), fullPage: true });
  await expectSamePage(page);
});
