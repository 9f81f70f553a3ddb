// Single cells: e-mail address, employee id, time zone. Strict, and explained; no library.

import { detached } from "./detached.ts";
import { normaliseEmail } from "./profile.ts";
import { quoted } from "./quoting.ts";

export type ValueReading =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "bad"; readonly code: string; readonly message: string; readonly fix: string };

/** Not what begins like a word for none: that is looked at more closely. */
const ORDINARY_EMAIL =
  /^(?!no|unknown|do[._-]?not|test@|null@|nil@|example@|dummy@|email@|xx)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@[a-z0-9.-]+$/;
const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN_LABEL = /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/** What is entered where there is no address: such words before the @, or the same word on both sides. */
const NO_ADDRESS =
  /^(no[._-]?(?:e[_-]?)?mail[._-]?\d*|no[._-]?reply|do[._-]?not[._-]?reply|unknown|not[._-](available|applicable|provided))@|^(test|none|null|nil|example|dummy|email|xx+)@\3\./;

/** A mail domain that stands for none. */
const NO_DOMAIN = /^(no-?e?-?mail|none)\./;

/** Latin letters, those that are written among them in domains of East Asia, and what belongs to no alphabet. */
const OTHER_ALPHABET =
  /[^\p{sc=Latin}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Common}\p{sc=Inherited}]/u;

/** Letters of two alphabets in one label of a domain, such as a Cyrillic one that looks Latin: no such domain is anybody's. */
function mixesAlphabets(label: string): boolean {
  if (!OTHER_ALPHABET.test(label)) return false;
  return /\p{sc=Latin}/u.test(label) || (/\p{sc=Greek}/u.test(label) && /\p{sc=Cyrillic}/u.test(label));
}

/**
 * Reads a work address. Exactly one plain address: local part of 1 to 64 ASCII letters, digits and the marks of RFC 5321
 * (no quotes, no dots at the ends or in pairs); a domain of at least two labels, letters of any script allowed, the last not
 * a number, no two alphabets in one; at most 254 bytes; no word for none. An accent before the @ is nearly always a typing error, so it is reported. Never quoted.
 */
export function readEmail(cell: string): ValueReading {
  if (isOrdinaryEmail(cell)) return { kind: "value", value: cell };
  const email = normaliseEmail(cell);
  if (email === "") return badEmail("empty-email", "The e-mail address is empty.");
  if (/[\p{Cc}\p{Cf}\uFFFD]/u.test(email)) {
    return badEmail("bad-email", "The e-mail address contains invisible or lost characters.");
  }
  if (/[\s,;<>()"]/.test(email)) {
    return badEmail(
      "bad-email",
      "The e-mail cell is not one plain address (spaces, commas, brackets or quotes in it).",
    );
  }
  if (email.startsWith("mailto:")) {
    return badEmail("bad-email", "The e-mail cell is a link (mailto:), not a plain address.");
  }
  const at = email.indexOf("@");
  if (at === -1) return badEmail("bad-email", "The e-mail address has no @.");
  if (email.indexOf("@", at + 1) !== -1) return badEmail("bad-email", "The e-mail address has more than one @.");
  const local = email.slice(0, at);
  const domain = email.slice(at + 1);
  if (local === "" || local.length > 64) {
    return badEmail("bad-email", "The part of the e-mail address before the @ is empty or longer than 64 characters.");
  }
  if (!LOCAL_PART.test(local)) {
    return badEmail(
      "bad-email",
      "The part of the e-mail address before the @ has accents, marks that addresses do not have, or dots where none may be.",
    );
  }
  if (!isDomain(domain)) {
    return badEmail("bad-email", "The part of the e-mail address after the @ is not the name of a mail domain.");
  }
  if (/[^\0-\x7f]/.test(domain) && domain.split(".").some(mixesAlphabets)) {
    return badEmail(
      "bad-email",
      "The mail domain of the e-mail address mixes the letters of two alphabets, of which some only look like others.",
    );
  }
  if (NO_ADDRESS.test(email) || NO_DOMAIN.test(domain)) {
    return badEmail("no-address", "The e-mail address is one that is entered where there is none.");
  }
  if (email.length > 80 && utf8Length(email) > 254)
    return badEmail("bad-email", "The e-mail address is longer than 254 bytes.");
  return { kind: "value", value: email };
}

/** What most addresses are: told by one look, and read the same without it (a test compares the two). */
function isOrdinaryEmail(cell: string): boolean {
  if (cell.length > 80 || !ORDINARY_EMAIL.test(cell)) return false;
  // There is one @ in it: what ends as the last one did has the same domain.
  if (cell.endsWith(lastDomain)) return cell.length - lastDomain.length <= 64;
  const at = cell.indexOf("@");
  const domain = domains.get(cell.slice(at + 1));
  if (at > 64 || domain === undefined) return false;
  lastDomain = domain;
  return true;
}

/** With the @ before it: of the address before, mostly that of the next one, too. */
let lastDomain = "@";

/** Domains found right, and none that stand for none, each with the @ before it: a roster has few of them. */
const domains = new Map<string, string>();

function isDomain(domain: string): boolean {
  if (domains.has(domain)) return true;
  const labels = domain.split(".");
  const isRight =
    labels.length > 1 && labels.every((label) => DOMAIN_LABEL.test(label)) && /^\D.+$/u.test(labels.at(-1) ?? "");
  if (isRight && !NO_DOMAIN.test(domain) && domains.size < 1000) domains.set(detached(domain), detached(`@${domain}`));
  return isRight;
}

function badEmail(code: string, message: string): ValueReading {
  return { kind: "bad", code, message, fix: "Correct the address in the HR system and export again." };
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** An id that nothing can be wrong with: a letter in front, so that no spreadsheet can have spoilt it. */
const ORDINARY_ID = /^(?!n(one|ull|il|a)$|tb[da]$|unknown$)[A-Za-z][A-Za-z0-9_-]{0,63}$/i;

/** What is entered where there is no id. */
const NO_ID = /^(n\/?a|n\.a\.?|none|null|nil|tb[da]|unknown|[-–—.?]+)$/i;

/** Reads an employee id: 1 to 128 printable characters. It is text: zeros at the front count. */
export function readEmployeeId(cell: string): ValueReading {
  if (ORDINARY_ID.test(cell)) return { kind: "value", value: cell };
  const id = cell.normalize("NFC").trim();
  if (id === "") {
    return {
      kind: "bad",
      code: "empty-id",
      message: "The employee id is empty.",
      fix: "Enter it in the HR system; a roster with an id column needs one in every row.",
    };
  }
  if (/[\p{C}\u2028\u2029\uFFFD]/u.test(id) || Array.from(id).length > 128) {
    return {
      kind: "bad",
      code: "bad-id",
      message: "The employee id has characters that cannot be printed, or more than 128 of them.",
      fix: "See whether the columns are shifted; correct the id and export again.",
    };
  }
  if (NO_ID.test(id)) {
    return {
      kind: "bad",
      code: "bad-id",
      message: `The employee id is ${quoted(id)}, which stands for none.`,
      fix: "Enter it in the HR system; a roster with an id column needs one in every row.",
    };
  }
  if (isSpreadsheetError(id) || /^\d([.,]\d+)?E\+\d+$|^\d+\.0$/i.test(id) || id.startsWith("'")) {
    return {
      kind: "bad",
      code: "bad-id",
      message: `The employee id is ${quoted(id)}, which a spreadsheet has made of the real one.`,
      fix: "Export again and do not save the file in a spreadsheet program, or format the column as text there.",
    };
  }
  return { kind: "value", value: id };
}

/** `#N/A`, `#REF!` and the like. */
export function isSpreadsheetError(cell: string): boolean {
  return /^#(N\/A|REF!|NAME\?|VALUE!|NULL!|DIV\/0!|NUM!)$/i.test(cell.trim());
}

const zones = new Map<string, string | null>();
/** People often stand beside others of their zone, and comparing two texts costs less than looking one up. */
let last: { readonly text: string; readonly name: string | null } = { text: "", name: null };

/** The IANA name of a time zone, in its proper spelling; null when the runtime knows no such zone. */
export function timeZoneName(text: string): string | null {
  if (text === last.text) return last.name;
  const cached = zones.get(text);
  const own = cached === undefined ? detached(text) : text;
  const name = cached === undefined ? lookUpZone(own.trim()) : cached;
  if (cached === undefined && zones.size < 1000) zones.set(own, name);
  last = { text, name };
  return name;
}

function lookUpZone(text: string): string | null {
  // Abbreviations such as CST mean several zones; some runtimes take them all the same.
  if (!/^(UTC|GMT|[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)+)$/i.test(text)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions();
    // The runtime may resolve a name to an older or newer one (Asia/Kolkata, Asia/Calcutta): keep what the roster says.
    return timeZone.toLowerCase() === text.toLowerCase() ? timeZone : text;
  } catch {
    return null;
  }
}

/** Reads a time zone. */
export function readTimeZone(cell: string): ValueReading {
  const name = timeZoneName(cell);
  if (name !== null) return { kind: "value", value: name };
  return {
    kind: "bad",
    code: "bad-time-zone",
    message: `The time zone is ${quoted(cell.trim())}, which is not an IANA name.`,
    fix: "Write it like Europe/Berlin or America/Chicago.",
  };
}
