/** Stories that say the same in fewer words, or in rounder numbers. */
import type { JudgedOptions } from '../scenario/story-options.ts';
import type { Deed } from './step.ts';

/** The same deed with one word less said about it, or a number of it rounded. */
export function plainerDeeds(deed: Deed): Deed[] {
  return deed.args.flatMap((arg: unknown, at) => {
    if (typeof arg === 'object' && arg !== null)
      return withoutEach(arg).map((fewer) => withArg(deed, at, fewer));
    const round = typeof arg === 'number' ? Math.round(arg) : arg;
    return round === arg ? [] : [withArg(deed, at, round)];
  });
}

/** The same options with their numbers rounded to `digits` significant ones. The seed is none of them: it is a name. */
export function rounderOptions({ seed, ...options }: JudgedOptions, digits: number): JudgedOptions {
  const rounded = JSON.stringify(options, (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(digits)) : value,
  );
  // What was made from options is options.
  const rounder = JSON.parse(rounded) as JudgedOptions;
  return seed === undefined ? rounder : { seed, ...rounder };
}

function withoutEach(words: object): object[] {
  return Object.keys(words).map((name) =>
    Object.fromEntries(Object.entries(words).filter(([other]) => other !== name)),
  );
}

/** All words of a verb are optional, and its numbers need not be whole: the deed stays one. */
function withArg(deed: Deed, at: number, arg: unknown): Deed {
  return {
    verb: deed.verb,
    args: deed.args.map((old: unknown, index) => (index === at ? arg : old)),
  } as Deed;
}
