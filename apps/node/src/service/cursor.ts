import { keyProblem } from '@starling/api-types';

/** A listing's cursor: the last key of the page before, in base64url, so that it fits any query string. */

export function encodeCursor(lastKey: string): string {
  return Buffer.from(lastKey).toString('base64url');
}

/** The key in a cursor, or null for what `encodeCursor` would not have written: two spellings of one are refused. */
export function decodeCursor(cursor: string): string | null {
  const key = Buffer.from(cursor, 'base64url').toString();
  return encodeCursor(key) === cursor && keyProblem(key) === null ? key : null;
}
