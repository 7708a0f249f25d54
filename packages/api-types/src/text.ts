/** Text as the wire sees it: UTF-8 bytes, and no half of a surrogate pair, which UTF-8 cannot carry. */

const loneSurrogate = /\p{Surrogate}/u;

/** True when `text` has an exact UTF-8 form. Two keys that differ in a lone surrogate would become the same bytes. */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}

/** Number of bytes of `text` in UTF-8. A lone surrogate counts as the three bytes of its replacement character. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (isLead(unit) && isTrail(text.charCodeAt(i + 1))) i++;
  }
  return bytes;
}

function isLead(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isTrail(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
