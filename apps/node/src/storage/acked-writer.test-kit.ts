/**
 * A process that writes to a store and says what it has been promised, for tests that take the process, or the power,
 * away from it.
 *
 *   node --import tsx acked-writer.test-kit.ts write <directory> <life>    prints `open`, then `acked <n>` for ever
 *   node --import tsx acked-writer.test-kit.ts verify <directory> <life>   prints one line of JSON, see `Verdict`
 *
 * Lives on the same directory differ in name, so that none finds rows of another. Batch n holds two rows with the same
 * content, so that a torn batch would show. A line is printed in full before the next write is made: what was printed
 * was promised. Beside the directory each line also goes to `<directory>.unsynced`, which nobody ever syncs: a power cut
 * that leaves all of that was none.
 */
import { appendFileSync, writeSync } from 'node:fs';
import type { ReadRow } from '@starling/core/node/input.ts';
import { openLevelStore } from './level-store.ts';

/** What is left in a directory. */
export interface Verdict {
  readonly historyIntact: boolean;
  readonly cleanShutdown: boolean;
  readonly doubts: readonly string[];
  /** Batches 1 to this are there, whole. */
  readonly whole: number;
  /** Batches after that of which at least one row is there. */
  readonly strays: number;
  readonly openedInMs: number;
}

/** Writes in flight: enough for several to share a sync. */
const window = 32;
const pageRows = 256;

const [mode, directory = '', life = '1'] = process.argv.slice(2);
const row = (half: 'a' | 'b', n: number) => `d/${life}/${half}/${String(n).padStart(9, '0')}`;
const content = (n: number) => Buffer.from(`${n} `.repeat(1 + (n % 40)));
const say = (line: string) => writeSync(1, `${line}\n`);

function die(error: unknown): never {
  console.error(error);
  process.exit(1);
}

async function write(): Promise<void> {
  let next = 1;
  const { store } = await openLevelStore({
    directory,
    events: {
      written: (seq) => {
        say(`acked ${seq}`);
        appendFileSync(`${directory}.unsynced`, `${seq}\n`);
        while (next <= seq + window) give();
      },
      poisoned: die,
      pressure: () => undefined,
      diskLow: () => undefined,
      notice: (notice) => console.error(notice),
    },
  });
  const give = () => {
    const value = content(next);
    store.write(next, [
      [row('a', next), value],
      [row('b', next), value],
    ]);
    next++;
  };
  say('open');
  while (next <= window) give();
}

async function verify(): Promise<void> {
  const doubts: string[] = [];
  const start = performance.now();
  const { store, boot } = await openLevelStore({
    directory,
    events: {
      written: () => undefined,
      poisoned: die,
      pressure: () => undefined,
      diskLow: () => undefined,
      notice: (notice) => void (notice.kind === 'doubt' && doubts.push(...notice.doubts)),
    },
  });
  const openedInMs = Math.round(performance.now() - start);
  const read = (rows: string[]) => new Promise<readonly ReadRow[]>((resolve) => store.read(rows, resolve));
  const isThere = (value: ReadRow, n: number) => value instanceof Uint8Array && content(n).equals(value);
  let whole = 0;
  let strays = 0;
  for (let first = 1, gone = 0; gone < 4 * window; first += pageRows) {
    const numbers = Array.from({ length: pageRows }, (_, i) => first + i);
    const a = await read(numbers.map((n) => row('a', n)));
    const b = await read(numbers.map((n) => row('b', n)));
    for (const [i, n] of numbers.entries()) {
      const halves = Number(isThere(a[i]!, n)) + Number(isThere(b[i]!, n));
      if (halves === 2 && whole === n - 1) whole = n;
      else if (halves > 0) strays++;
      gone = halves === 0 ? gone + 1 : 0;
    }
  }
  await store.close(false);
  const { historyIntact, cleanShutdown } = boot;
  say(JSON.stringify({ historyIntact, cleanShutdown, doubts, whole, strays, openedInMs } satisfies Verdict));
}

await (mode === 'write' ? write() : verify()).catch(die);
