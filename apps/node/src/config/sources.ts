import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ConfigError } from './config-error.ts';
import { configFileVariable, environmentName, type SettingName, settingNames, settings } from './settings.ts';

/** Where a value came from, for the message that refuses it. */
export interface Source {
  /** Such as `--port`, `STARLING_PORT` or `port of ./node.json`. */
  readonly label: string;
  readonly raw: unknown;
}

/** Raw values by setting, the strongest source of each. */
export interface Gathered {
  readonly values: Readonly<Record<string, unknown>>;
  readonly sources: ReadonlyMap<SettingName, Source>;
}

/** Asked for help: the text to print before leaving with exit code 0. */
export class HelpRequested extends Error {
  override readonly name = 'HelpRequested';
}

/** Collects raw values from the file, the environment and the flags, later ones replacing earlier ones. */
export function gather(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Gathered {
  const flags = parseFlags(argv);
  const values: Record<string, unknown> = {};
  const sources = new Map<SettingName, Source>();
  const set = (name: SettingName, label: string, raw: unknown) => {
    values[name] = settings[name].repeatable ? asList(raw) : raw;
    sources.set(name, { label, raw });
  };
  const { config: file = environment[configFileVariable] } = flags;
  if (typeof file === 'string') readFile(file, set);
  for (const name of settingNames) {
    const fromEnvironment = environment[environmentName(name)];
    if (fromEnvironment !== undefined && fromEnvironment !== '')
      set(name, environmentName(name), fromEnvironment);
    if (flags[name] !== undefined) set(name, settings[name].flag, flags[name]);
  }
  return { values, sources };
}

/** `a,b` and `['a', 'b,c']` are lists; anything else is left for validation to refuse. */
function asList(raw: unknown): unknown {
  const split = (text: string) => text.split(',').filter((part) => part !== '');
  if (typeof raw === 'string') return split(raw);
  return Array.isArray(raw) ? raw.flatMap((item) => (typeof item === 'string' ? split(item) : [item])) : raw;
}

/** The command line as commander sees it. Also prints the usage text of `--help`. */
export function commandLine(): Command {
  const command = new Command('starling-node')
    .description('One node of a Starling cluster.')
    .allowExcessArguments(false)
    .option('--config <path>', 'JSON file with the same settings, in camelCase');
  for (const name of settingNames) {
    const { flag, argument, repeatable, meaning, defaultText } = settings[name];
    const text = `${meaning} (${defaultText}; ${environmentName(name)})`;
    if (repeatable) command.option(`${flag} ${argument}`, text, append);
    else command.option(`${flag} ${argument}`, text);
  }
  return command;
}

function append(value: string, before: unknown): string[] {
  return Array.isArray(before) ? [...before, value] : [value];
}

function parseFlags(argv: readonly string[]): Readonly<Record<string, unknown>> {
  let help = '';
  const command = commandLine()
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: (text) => (help += text) });
  try {
    return command.parse(argv, { from: 'user' }).opts();
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    if (cause.code === 'commander.helpDisplayed') throw new HelpRequested(help);
    throw new ConfigError([cause.message.replace(/^error: /, '')]);
  }
}

function readFile(path: string, set: (name: SettingName, label: string, raw: unknown) => void): void {
  const content = parseFile(path);
  const unknown: string[] = [];
  for (const [field, raw] of Object.entries(content)) {
    const name = settingNames.find((setting) => setting === field);
    if (name === undefined) unknown.push(field);
    else set(name, `${field} of ${path}`, raw);
  }
  if (unknown.length > 0) {
    throw new ConfigError(unknown.map((field) => `${path} has the unknown setting ${JSON.stringify(field)}`));
  }
}

function parseFile(path: string): object {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([`--config ${path} cannot be read: ${reason}`]);
  }
  throw new ConfigError([`--config ${path} must hold one JSON object`]);
}
