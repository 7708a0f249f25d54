/** `pnpm write-docs`: writes the pages of docs/ that are made from the source. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { limitsPage } from './limits-page.ts';

writeFileSync(join(import.meta.dirname, '../../docs/limits.md'), limitsPage());
