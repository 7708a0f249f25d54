import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** Keyboard, screen readers, and what stays in a page's address. */

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(standards).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

test('axe finds nothing on any page, in either theme', async ({ page, cluster }) => {
  await cluster.start(3);
  await cluster.put(1, 'greeting', { value: 'hello' });
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    for (const path of ['/overview?inspect=node:node-2', '/ring?key=greeting', '/data?key=greeting']) {
      await page.goto(path);
      await expect(page.getByTestId('health-line')).toContainText('Healthy');
      if (path.startsWith('/data')) await expect(page.getByTestId('explain-steps')).toBeVisible();
      await expectNoViolations(page);
    }
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog', { name: 'Search and commands' })).toBeVisible();
    await expectNoViolations(page);
  }
});

test('the console can be used by keys alone', async ({ page, cluster }) => {
  await cluster.start(1);
  await page.goto('/overview');
  await expect(page.getByTestId('health-line')).toContainText('node');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('ring');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/ring/);
  await page.getByRole('slider', { name: 'Walk the vnodes of the ring' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/inspect=vnode/);
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector).toContainText('1 of 150');
  await page.keyboard.press('ArrowRight');
  await expect(inspector).toContainText('2 of 150');
  await page.keyboard.press('Escape');
  await expect(inspector).toBeHidden();
});

test('the view can stand still, and the theme is remembered', async ({ page, cluster }) => {
  await cluster.start(1);
  await page.goto('/overview');
  await expect(page.getByTestId('health-line')).toContainText('node');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toContainText('Paused at');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await page.getByRole('button', { name: /^Theme: system/ }).click();
  await page.getByRole('button', { name: /^Theme: light/ }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('an address leads back to what it showed, and Back undoes', async ({ page, cluster }) => {
  await cluster.start(1);
  await page.goto('/overview?range=120');
  await page.getByRole('button', { name: 'Inspect node-1' }).first().click();
  await expect(page).toHaveURL(/range=120.*inspect=node/);
  await page.goBack();
  await expect(page.getByRole('complementary', { name: 'Inspector' })).toBeHidden();
  await page.goForward();
  await expect(page.getByRole('complementary', { name: 'Inspector' })).toContainText('node-1');
});
