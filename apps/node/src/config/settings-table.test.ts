import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { settingsTable } from './settings-table.ts';

it('docs/operations.md has the table of settings as the source has them', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/operations.md'), 'utf8');
  expect(page).toContain(settingsTable());
});
