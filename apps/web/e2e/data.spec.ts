import type { Page } from '@playwright/test';
import { expect, networkNoise, test } from './fixtures.ts';

/** The Keys page against real nodes. */

function form(page: Page) {
  return {
    key: page.getByRole('textbox', { name: 'Key', exact: true }),
    value: page.getByRole('textbox', { name: 'Value, any JSON' }),
    press: (name: 'Read' | 'Write' | 'Delete') => page.getByRole('button', { name, exact: true }).click(),
    outcome: page.getByTestId('outcome'),
  };
}

const noteOf = (page: Page, field: string) => page.locator(`#${field}-note`);

test.describe('reading and writing', () => {
  // A key without a value is answered 404, which the browser tells on its own.
  test.use({ expectedNoise: networkNoise });

  test('a key is written, read through another node, listed and deleted', async ({ page, cluster }) => {
    await cluster.start(3);
    await page.goto('/data');
    const { key, value, press, outcome } = form(page);
    await key.fill('users/ada lovelace/profile');
    await value.fill('{"name": "Ada", "born": 1815}');
    await page.getByLabel('Through').selectOption('node-1');
    await press('Write');
    await expect(outcome).toContainText('ok');
    await expect(page.getByTestId('explain-steps')).toContainText('store');
    await expect(page.getByText(/closed the quorum\./)).toBeVisible();

    await page.getByLabel('Through').selectOption('node-3');
    await press('Read');
    await expect(page.getByTestId('version')).toContainText('"born": 1815');
    const keys = page.getByRole('region', { name: 'Keys, scrollable' });
    await expect(keys.getByRole('button', { name: 'users/ada lovelace/profile' })).toBeVisible();
    expect(new URL(page.url()).searchParams.get('key')).toBe('users/ada lovelace/profile');

    await press('Delete');
    await expect(outcome).toContainText('DELETE');
    await expect(outcome).toContainText('ok');
    await press('Read');
    await expect(outcome).toContainText('not found');
    await expect(page.getByRole('table', { name: 'Requests of this tab' }).getByRole('row')).toHaveCount(5);
  });

  test('every level is obeyed and shown', async ({ page, cluster }) => {
    await cluster.start(3);
    await page.goto('/data');
    const { key, value, press, outcome } = form(page);
    await key.fill('levels');
    await value.fill('1');
    const history = page.getByRole('table', { name: 'Requests of this tab' });
    for (const level of ['all', 'one', 'quorum'] as const) {
      await page.getByRole('radio', { name: level }).click();
      await press('Write');
      await expect(history.getByRole('row').nth(1)).toContainText(level);
      await expect(outcome).toContainText('ok');
    }
    await page.getByRole('radio', { name: 'r / w' }).click();
    await page.getByRole('textbox', { name: 'r or w' }).fill('3');
    await press('Read');
    await expect(history.getByRole('row').nth(1)).toContainText('r=3');
    await expect(outcome).toContainText('ok');
  });
});

test('what cannot be sent is refused at the field, with the reason', async ({ page, cluster }) => {
  await cluster.start(1);
  await page.goto('/data');
  const { key, value, press } = form(page);
  await press('Write');
  await expect(noteOf(page, 'key')).toContainText('a key is needed');
  await key.fill('a');
  await value.fill('{"a": }');
  await press('Write');
  await expect(noteOf(page, 'value')).toContainText('not JSON');
  await value.fill('[9007199254740993]');
  await press('Write');
  await expect(noteOf(page, 'value')).toContainText('64-bit double');
  await value.fill('0');
  await value.press('Control+Enter');
  await expect(page.getByTestId('outcome')).toContainText('ok');
});

test('siblings stand side by side, and a write with the context resolves them', async ({ page, cluster }) => {
  await cluster.start(3);
  const first = await cluster.put(1, 'cart', { value: ['bread'] });
  await cluster.put(2, 'cart', { value: ['bread', 'milk'], context: first.context });
  await cluster.put(3, 'cart', { value: ['bread', 'eggs'], context: first.context });

  await page.goto('/data?key=cart');
  await expect(page.getByTestId('version')).toHaveCount(2);
  await expect(page.getByText('2 values whose writers did not know of each other')).toBeVisible();
  const { value, press, outcome } = form(page);
  await value.fill('["bread", "milk", "eggs"]');
  await press('Write');
  await expect(page.getByText('It replaced all that was there.')).toBeVisible();
  await press('Read');
  await expect(outcome).toContainText('ok');
  await expect(page.getByTestId('version')).toHaveCount(1);
  await expect(page.getByTestId('version')).toContainText('eggs');
});

test('one of two siblings can be kept with one press', async ({ page, cluster }) => {
  await cluster.start(3);
  const first = await cluster.put(1, 'note', { value: 'a' });
  await cluster.put(1, 'note', { value: 'b', context: first.context });
  await cluster.put(1, 'note', { value: 'c', context: first.context });
  await page.goto('/data?key=note');
  const kept = page.getByTestId('version').filter({ hasText: '"b"' });
  await kept.getByRole('button', { name: 'Keep this one' }).click();
  await expect(page.getByText('It replaced all that was there.')).toBeVisible();
  await form(page).press('Read');
  await expect(page.getByTestId('version')).toHaveCount(1);
  await expect(page.getByTestId('version')).toContainText('"b"');
});

test('a request can be taken along as curl and as tRPC', async ({ page, cluster, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await cluster.start(1);
  await cluster.put(1, 'greeting', { value: 'hello' });
  await page.goto('/data?key=greeting');
  await expect(page.getByTestId('outcome')).toContainText('ok');
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: 'curl' }).click();
  await expect.poll(copied).toMatch(/^curl .*\/api\/v1\/data\/greeting/);
  await page.getByRole('button', { name: 'tRPC' }).click();
  await expect.poll(copied).toContain('client.data.get.query(');
});
