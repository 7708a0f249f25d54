/** `pnpm write-docs`: writes the pages of docs/ that are made from the source. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, sourceFiles } from '../laws/source-files.ts';
import { limitsPage } from './limits-page.ts';

writeFileSync(join(root, 'docs/limits.md'), limitsPage(sourceFiles()));
