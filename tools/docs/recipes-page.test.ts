import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../laws/source-files.ts';

it.each(['increment', 'lock'])('docs/recipes.md shows %s as it is', (name) => {
  const page = readFileSync(join(root, 'docs/recipes.md'), 'utf8');
  const shown = new RegExp(`\`\`\`ts ${name}\n([^]*?)\`\`\``).exec(page)?.[1];
  expect(shown).toBe(readFileSync(join(root, `packages/client/src/recipes/${name}.ts`), 'utf8'));
});
