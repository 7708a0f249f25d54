import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestCluster } from './test-cluster.ts';

/** What README.md shows, run as it stands there: only its ports are others. */

const execute = promisify(execFile);
const root = join(import.meta.dirname, '../../../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const firstPort = 18_350;

function blocks(language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language} tested\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...readme.matchAll(pattern)].map(([, text = '']) =>
    text.replaceAll(/localhost:808(\d)/g, (_, n) => `localhost:${firstPort + Number(n) - 1}`),
  );
}

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(firstPort, 3);
});

afterAll(() => cluster.close());

describe('README.md', () => {
  const steps = blocks('sh').flatMap((block) =>
    [...block.matchAll(/^(curl .*)\n#→ (.*)$/gm)].map(([, command = '', shown = '']) => ({ command, shown })),
  );

  it('has examples', () => {
    expect(steps.length).toBeGreaterThan(8);
    // An example without its answer would not be run.
    expect(blocks('sh').join('').match(/^curl/gm)).toHaveLength(steps.length);
  });

  it.each(steps)('shows what happens: $command', async ({ command, shown }) => {
    const { stdout } = await execute('bash', ['-c', command.replace(/^curl/, 'curl --silent --show-error')]);
    expect(stdout).toContain(shown);
  });

  it('shows a client that prints what it says', async () => {
    const [program = ''] = blocks('ts');
    const file = join(mkdtempSync(join(tmpdir(), 'starling-readme-')), 'client.mjs');
    await build({
      stdin: { contents: program, loader: 'ts', resolveDir: import.meta.dirname },
      outfile: file,
      bundle: true,
      format: 'esm',
      platform: 'node',
    });
    const { stdout } = await execute(process.execPath, [file]);
    expect(stdout.trim().split('\n')).toEqual([...program.matchAll(/\/\/→ (.*)$/gm)].map(([, line]) => line));
  });
});
