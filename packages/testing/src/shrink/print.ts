/** Prints a shrunk story as a scenario: a file that stands in `src/scenarios` as it is. */
import type { ShrunkStory } from './shrink.ts';
import { type Deed, referredTo, type Step } from './step.ts';

export interface Told {
  readonly seed: number;
  readonly invariant: string;
  readonly message: string;
  readonly story: ShrunkStory;
}

/** The source of a scenario that fails as the story does, and passes once the bug is mended. */
export function scenarioText({ seed, invariant, message, story }: Told): string {
  const { nodes, options, steps, judgedAt } = story;
  const referred = new Set(steps.map(({ deed }) => referredTo(deed)));
  const known = new Set<string>(steps.map(({ name }) => name));
  return [
    "import { test } from 'vitest';",
    "import { judged } from '../scenario/judged-cluster.ts';",
    '',
    `// ${message.split('\n', 1)[0]}`,
    `test('${invariant} holds where seed ${seed} broke it', () => {`,
    `  const c = judged(${nodes}${Object.keys(options).length === 0 ? '' : `, ${literal(options)}`});`,
    // To hang up on a call that is not made means nothing.
    ...steps
      .filter(({ deed }) => deed.verb !== 'abandon' || known.has(deed.args[0]))
      .map((step) => `  ${line(step, referred.has(step.name), known)}`),
    `  c.at(${judgedAt}).judge();`,
    '});',
    '',
  ].join('\n');
}

function line({ name, at, deed }: Step, isReferred: boolean, known: ReadonlySet<string>): string {
  const call = `c.at(${at}).${deed.verb}(${argumentsOf(deed, known)});`;
  return isReferred ? `const ${name} = ${call}` : call;
}

function argumentsOf({ verb, args }: Deed, known: ReadonlySet<string>): string {
  if (verb === 'abandon') return args[0];
  const words = args.map((arg) => literal(arg, known));
  // Options that say nothing are left out.
  return words.filter((word) => word !== '{}').join(', ');
}

/** As it stands in source. A name under `seen` or `if` is that of a constant, if its step is still told. */
function literal(value: unknown, known: ReadonlySet<string> = new Set()): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, known)).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([name, item]) => {
    const plain = /^[a-zA-Z]\w*$/.test(name) ? name : `'${name}'`;
    if (name === 'if' && typeof item === 'string')
      return `if: ${known.has(item) ? item : item === 'absent' ? "'absent'" : "'exists'"}`;
    if (name !== 'seen') return `${plain}: ${literal(item, known)}`;
    return `seen: ${typeof item === 'string' && known.has(item) ? item : "'nothing'"}`;
  });
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
