/** Shows a history to people: text for a terminal, one self-contained HTML page for a failure's report. */
import { absent, type Operation, open } from './history.ts';

const textColumns = 72;

/** What an operation did, in a few characters: `put 7`, `get 7`, `get -`, `delete`. */
export function describeOperation(operation: Operation): string {
  const { kind, value, expected } = operation;
  const condition = expected === undefined ? '' : ` if ${expected === absent ? '-' : expected}`;
  if (kind === 'delete') return `delete${condition}`;
  return `${kind} ${value === absent ? '-' : value}${condition}`;
}

/** One line per operation, oldest call first: a bar from call to return, open to the right when unknown. */
export function timelineText(operations: readonly Operation[], stuck = -1): string {
  const scale = scaleOf(operations, textColumns - 1);
  const processWidth = Math.max(0, ...operations.map((operation) => operation.process.length));
  const lines = byCall(operations).map((operation) => {
    const from = scale(operation.calledAt);
    const to = scale(operation.returnedAt);
    const body = '─'.repeat(Math.max(0, to - from - 1));
    const bar = `${' '.repeat(from)}├${body}${operation.returnedAt === open ? '╌' : '┤'}`;
    const mark = operation.id === stuck ? '  ◀ fits nowhere' : '';
    const label = `#${operation.id} ${describeOperation(operation)}`.padEnd(16);
    return `${operation.process.padEnd(processWidth)} ${label} ${bar.padEnd(textColumns)}${mark}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

/** A page with one row per process and one bar per operation; needs no network and no script. */
export function timelineHtml(title: string, operations: readonly Operation[], stuck = -1): string {
  const width = 1000;
  const rowHeight = 34;
  const scale = scaleOf(operations, width - 20);
  const processes = [...new Set(operations.map((operation) => operation.process))].sort();
  const bars = byCall(operations).map((operation) => {
    const x = scale(operation.calledAt);
    const barWidth = Math.max(4, scale(operation.returnedAt) - x);
    const y = 20 + processes.indexOf(operation.process) * rowHeight;
    const state =
      operation.id === stuck ? 'stuck' : operation.returnedAt === open ? 'unknown' : operation.kind;
    const tip = `#${operation.id} ${describeOperation(operation)}: ${operation.calledAt} to ${operation.returnedAt === open ? 'unknown' : operation.returnedAt}`;
    return `<g><title>${escapeHtml(tip)}</title><rect class="${state}" x="${x + 120}" y="${y}" width="${barWidth}" height="22" rx="3"/><text x="${x + 124}" y="${y + 15}">${escapeHtml(describeOperation(operation))}</text></g>`;
  });
  const names = processes.map(
    (process, row) => `<text x="4" y="${20 + row * rowHeight + 15}">${escapeHtml(process)}</text>`,
  );
  const height = 40 + processes.length * rowHeight;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${timelineStyle}</style><h1>${escapeHtml(title)}</h1><svg viewBox="0 0 ${width + 140} ${height}" width="${width + 140}" height="${height}">${names.join('')}${bars.join('')}</svg></html>\n`;
}

const timelineStyle =
  'body{font:14px system-ui;margin:24px}text{font:12px ui-monospace,monospace}rect{fill:#9ec5fe;stroke:#345}' +
  'rect.put{fill:#b7e4c7}rect.delete{fill:#e0e0e0}rect.unknown{fill:#ffe8a3;stroke-dasharray:3}rect.stuck{fill:#ff9b9b}';

function byCall(operations: readonly Operation[]): Operation[] {
  return [...operations].sort((a, b) => a.calledAt - b.calledAt || a.id - b.id);
}

/**
 * Times to columns. Only their order matters to a verdict, so each distinct time gets equal room: clusters of
 * simultaneous events stay readable next to long silences.
 */
function scaleOf(operations: readonly Operation[], columns: number): (at: number) => number {
  const times = new Set<number>();
  for (const operation of operations) {
    times.add(operation.calledAt);
    if (operation.returnedAt !== open) times.add(operation.returnedAt);
  }
  const order = new Map([...times].sort((a, b) => a - b).map((at, rank) => [at, rank]));
  const step = columns / Math.max(1, order.size);
  return (at) => (at === open ? columns : Math.round((order.get(at) ?? 0) * step));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
