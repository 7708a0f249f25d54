import { failed, type Result } from '../errors.ts';
import { keyProblem } from '../fields.ts';

/**
 * Reading a request target byte by byte. No URL parser sees it: those resolve `..`, fold `%2e` and merge slashes,
 * and each of these would make two keys one.
 */

/** A request target in its two parts, still percent-encoded. */
export interface Target {
  readonly path: string;
  /** Without the question mark; null when there is none. */
  readonly query: string | null;
}

const absoluteForm = /^https?:\/\/[^/?#]*/i;

/** Splits a request target; the absolute form that proxies send (RFC 9112 §3.2.2) is cut down to its path. */
export function splitTarget(target: string): Target {
  const origin = target.charCodeAt(0) === 0x2f ? target : target.replace(absoluteForm, '');
  const mark = origin.indexOf('?');
  if (mark < 0) return { path: origin === '' ? '/' : origin, query: null };
  return { path: mark === 0 ? '/' : origin.slice(0, mark), query: origin.slice(mark + 1) };
}

// Bytes over 0x7f arrive one per character; a client that sends raw UTF-8 (as curl does) means those bytes.
const rawByte = /[\u0080-\u00ff]/g;

/** Percent-decodes `text` once, as UTF-8; null when an escape is broken or the bytes are no UTF-8. */
export function percentDecode(text: string): string | null {
  try {
    return decodeURIComponent(
      text.replace(rawByte, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`),
    );
  } catch {
    return null; // URIError is the only thing it throws.
  }
}

/**
 * Last segments that name something of a key, as `/api/v1/data/{key}/history` will. A key that ends so is written
 * with its last slash as `%2F`; refusing the bare form on every method keeps its meaning from changing later.
 */
export const reservedSegments: readonly string[] = ['history'];

/** The key that the rest of a path names. Bare slashes belong to the key. */
export function keyOfPath(rest: string): Result<string> {
  for (const segment of reservedSegments) {
    if (rest.endsWith(`/${segment}`)) {
      return invalidKey(`a last segment "${segment}" is reserved; write its slash as %2F to mean a key`);
    }
  }
  const key = isPlain(rest) ? rest : percentDecode(rest);
  if (key === null) return invalidKey('the key is not percent-encoded UTF-8');
  const problem = keyProblem(key);
  return problem === null ? { ok: true, output: key } : invalidKey(problem);
}

function invalidKey(message: string): Result<never> {
  return {
    ok: false,
    error: failed('invalid_key', `key: ${message}`, { issues: [{ path: 'key', message }] }),
  };
}

/** ASCII without an escape decodes to itself, which most keys are. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80 || unit === 0x25) return false;
  }
  return true;
}

/** The path of a key: every byte that is not unreserved is escaped, so no client or proxy can change it. */
export function pathOfKey(key: string): string {
  return encodeURIComponent(key).replace(/\./g, '%2E');
}
