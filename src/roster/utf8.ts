// Where bytes are not UTF-8. Slow and exact; only run on pieces that the runtime's own check has refused.

export interface Utf8Scan {
  /** Characters of several bytes that are right. */
  readonly validWide: number;
  /** Bytes or sequences that are wrong. */
  readonly invalid: number;
  /** Offset of the first wrong byte. */
  readonly firstInvalid: number | null;
  /** The last wrong one is a character that the end of the bytes cuts off. */
  readonly isLastCut: boolean;
}

/** Scans bytes by the rules of RFC 3629 (no overlong forms, no surrogates, nothing above U+10FFFF). */
export function scanUtf8(bytes: Uint8Array): Utf8Scan {
  let validWide = 0;
  let invalid = 0;
  let firstInvalid: number | null = null;
  let isLastCut = false;
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    const length = lengthOf(lead);
    let good = length === 0 ? 0 : 1;
    while (good > 0 && good < length && at + good < bytes.length && isContinuation(lead, good, bytes[at + good] ?? 0)) {
      good += 1;
    }
    if (length > 0 && good === length) {
      validWide += 1;
      at += length;
      continue;
    }
    invalid += 1;
    firstInvalid ??= at;
    isLastCut = length > 0 && at + good === bytes.length;
    at += Math.max(1, good);
  }
  return { validWide, invalid, firstInvalid, isLastCut };
}

function lengthOf(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

function isContinuation(lead: number, position: number, byte: number): boolean {
  if (position > 1) return byte >= 0x80 && byte <= 0xbf;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= lowest && byte <= highest;
}
