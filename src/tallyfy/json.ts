// JSON of a server that need not mean well: what is nested deeper than any answer of Tallyfy's is not taken for one, since
// whoever walks through it later would run out of stack. Pure.

/** Tallyfy's own answers have some ten levels. */
const MAX_DEPTH = 100;

const QUOTE = 34;
const BACKSLASH = 92;

/** Undefined: not JSON, or nested beyond reason. Never throws. */
export function parseJson(text: string): unknown {
  if (isDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDeep(text: string): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInText) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isInText = false;
    } else if (code === QUOTE) isInText = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}
