/** One line of a node's log for people: time, level, message, then what else it says. Other lines stay as they are. */
export function readable(line: string): string {
  const entry = parseObject(line);
  if (entry === null) return line;
  const { level, time, msg = '', node: _, ...facts } = entry;
  if (typeof level !== 'string' || typeof time !== 'string') return line;
  const details = Object.entries(facts).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${msg}${details.join('')}`;
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
