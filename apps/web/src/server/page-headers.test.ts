import { expect, test } from 'vitest';
import { pageHeaders } from './page-headers.ts';

const directives = (isDevelopment: boolean) =>
  new Map(
    (pageHeaders('abc', isDevelopment)['content-security-policy'] ?? '').split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources];
    }),
  );

test('only scripts of this answer run', () => {
  const scripts = directives(false).get('script-src');
  expect(scripts).toContain("'nonce-abc'");
  expect(scripts).not.toContain("'unsafe-inline'");
  expect(scripts).not.toContain("'unsafe-eval'");
  expect(directives(true).get('script-src')).toContain("'unsafe-eval'");
});

test('what is not named is not allowed, and no other site may show a page inside its own', () => {
  expect(directives(false).get('default-src')).toEqual(["'none'"]);
  expect(directives(false).get('frame-ancestors')).toEqual(["'none'"]);
  expect(pageHeaders('abc', false)).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  });
});
