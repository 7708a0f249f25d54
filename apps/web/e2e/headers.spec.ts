import { expect, test } from './fixtures.ts';

/** What a browser is told to keep from happening on the console's pages. */

test('pages carry a policy with a nonce of their own, and their scripts carry the nonce', async ({
  baseURL,
  cluster,
}) => {
  await cluster.start(1);
  const nonces = new Set<string>();
  for (const path of ['/overview', '/ring', '/data?key=k', '/no/such/page']) {
    const response = await fetch(`${baseURL}${path}`);
    const policy = response.headers.get('content-security-policy') ?? '';
    const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? [];
    const scripts = (await response.text()).match(/<script\b[^>]*>/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    expect([path, scripts.filter((script) => !script.includes(`nonce="${nonce}"`))]).toEqual([path, []]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(4);
});

test.describe('an attack', () => {
  test.use({ expectedNoise: /Content Security Policy/ });

  test('a script that was written into a page does not run', async ({ page, cluster }) => {
    await cluster.start(1);
    await page.goto('/overview');
    await expect(page.getByTestId('health-line')).toContainText('node');
    const violated = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective));
          const script = document.createElement('div');
          script.innerHTML = '<img src="/icon.svg" onload="document.title = \'broken in\'">';
          document.body.append(script);
        }),
    );
    expect(await violated).toContain('script-src');
    expect(await page.title()).not.toBe('broken in');
  });
});

test('answers of the API and files of the console cannot be taken for anything else', async ({
  baseURL,
  cluster,
}) => {
  await cluster.start(1);
  for (const path of ['/api/v1/status', '/api/v1/nope', '/healthz', '/icon.svg']) {
    const response = await fetch(`${baseURL}${path}`);
    expect([path, response.headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
  }
});
