import { utf8Bytes, utf8Text } from '@starling/core/base/utf8.ts';

/** What scenarios store: JSON that compares by its text. */
export type Json = string | number | boolean | null | readonly Json[];

export function toBytes(value: Json): Uint8Array {
  return utf8Bytes(JSON.stringify(value));
}

export function toText(value: Json): string {
  return JSON.stringify(value);
}

/** The text of stored bytes, as `toText` writes it. */
export function textOf(bytes: Uint8Array): string {
  return utf8Text(bytes) ?? '(not UTF-8)';
}
