/**
 * Bundles the server into `dist`: this project's own packages are TypeScript without a build step of their own, so the
 * bundle holds them; packages from npm stay outside and are found in node_modules as usual.
 */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

const manifest = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
const fromNpm = Object.keys(manifest.dependencies).filter((name) => !name.startsWith('@starling/'));

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/main.ts', 'src/server.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: fromNpm.flatMap((name) => [name, `${name}/*`]),
  sourcemap: true,
  logLevel: 'info',
});
