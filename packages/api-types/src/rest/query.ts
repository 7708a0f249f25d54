import { failed, type Result } from '../errors.ts';
import type { QueryKind } from '../operation.ts';
import { percentDecode } from './target.ts';

const integer = /^(0|-?[1-9]\d{0,14})$/;

/**
 * Reads a query string into fields. Every parameter must be known and come once: a server that takes the first of
 * two and a proxy that takes the last would disagree about what was asked.
 */
export function readQuery(
  known: Readonly<Record<string, QueryKind>> | undefined,
  query: string | null,
): Result<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  if (query === null || query === '') return { ok: true, output: fields };
  for (const piece of query.split('&')) {
    const equals = piece.indexOf('=');
    const name = decode(equals < 0 ? piece : piece.slice(0, equals));
    const text = equals < 0 ? '' : decode(piece.slice(equals + 1));
    if (name === null || text === null) return refuse('query', 'not percent-encoded UTF-8');
    if (known === undefined || !Object.hasOwn(known, name)) return refuse('query', unknownName(known));
    if (Object.hasOwn(fields, name)) return refuse(name, 'given twice');
    const value = fieldOf(known[name] ?? 'text', text);
    if (value === undefined)
      return refuse(name, `not ${known[name] === 'flag' ? 'one of 1, true, 0, false' : 'an integer'}`);
    fields[name] = value;
  }
  return { ok: true, output: fields };
}

function decode(text: string): string | null {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

function fieldOf(kind: QueryKind, text: string): string | number | boolean | undefined {
  switch (kind) {
    case 'text':
      return text;
    case 'integer':
      return integer.test(text) ? Number(text) : undefined;
    case 'flag':
      if (text === '1' || text === 'true') return true;
      return text === '0' || text === 'false' ? false : undefined;
    default:
      return kind satisfies never;
  }
}

function unknownName(known: Readonly<Record<string, QueryKind>> | undefined): string {
  const names = Object.keys(known ?? {});
  return names.length === 0
    ? 'no parameter is known here'
    : `unknown parameter; known here: ${names.join(', ')}`;
}

function refuse(path: string, message: string): Result<never> {
  return {
    ok: false,
    error: failed('invalid_request', `${path}: ${message}`, { issues: [{ path, message }] }),
  };
}
