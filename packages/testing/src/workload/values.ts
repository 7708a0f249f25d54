/** Values that say who wrote them: `"key#id#check"` as JSON, padded where a large one is wanted. */
import { utf8Bytes, utf8Text } from '@starling/core/base/utf8.ts';

/** The stored bytes of write number `id` to `key`. `padding` is the number of filling characters. */
export function encodeValue(key: string, id: number, padding = 0): Uint8Array {
  return utf8Bytes(`"${key}#${id}#${check(key, id)}${'.'.repeat(padding)}"`);
}

/** What a read value claims to be, or null if no client of ours made it. */
export function decodeValue(bytes: Uint8Array): { readonly key: string; readonly id: number } | null {
  const match = /^"([^#]*)#(\d+)#([0-9a-z]+)\.*"$/.exec(utf8Text(bytes) ?? '');
  if (match === null) return null;
  const key = match[1]!;
  const id = Number(match[2]);
  return match[3] === check(key, id) ? { key, id } : null;
}

/** A value cut short, joined wrongly or moved to another key does not carry its own check (FNV-1a over both). */
function check(key: string, id: number): string {
  let hash = 0x811c9dc5 ^ id;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
