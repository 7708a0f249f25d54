import { configFileVariable, environmentName, settingNames, settings } from './settings.ts';

/** The table of docs/operations.md: every setting with its names, default and meaning. */
export function settingsTable(): string {
  const rows = settingNames.map((name) => {
    const { flag, argument, repeatable, meaning, defaultText } = settings[name];
    const usage = `\`${flag} ${argument}\`${repeatable ? ' (repeatable)' : ''}`;
    return `| ${usage} | \`${environmentName(name)}\` | \`${name}\` | ${defaultText} | ${meaning} |`;
  });
  const file = `| \`--config <path>\` | \`${configFileVariable}\` | – | none | JSON file with the settings of the third column |`;
  return [
    '| flag | environment | in the file | default | meaning |',
    '|---|---|---|---|---|',
    ...rows,
    file,
  ].join('\n');
}
