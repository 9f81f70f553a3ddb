// Reads the body of an error answer: every shape that tallyfy-api.md 3.1 lists, and none at all. Pure.
// It gives words and names only. Server texts are looked at to recognise "already taken" and then dropped: they are
// localised, and may carry addresses or pieces of a database.

export interface ErrorBody {
  /** Upper case; letters, digits and _ only. */
  readonly code: string | null;
  /** Names of refused fields, as far as they look like names. */
  readonly fields: readonly string[];
  /** Whether the answer says that the e-mail address is taken; see `saysTaken`. */
  readonly isTaken: boolean;
  /** Which seats are used up, where the answer says so. */
  readonly pool: "full" | "light" | null;
  readonly isHtml: boolean;
}

type Texts = Map<string, string[]>;

const TAKEN_CODE = /(^|_)(TAKEN|ALREADY|EXISTS|DUPLICATED?|UNIQUE|IN_USE)(_|$)/;
const NOT_TAKEN_CODE = /(^|_)(NOT|NO|UNKNOWN)_/;
const TAKEN_WORDING = /\b(taken|already|exists|unique|duplicate[ds]?|in use)\b/i;
/** The same in the translations of Laravel's `unique` rule: messages may be localised whatever language we ask for. */
const TAKEN_WORDING_ELSEWHERE = /(?<!\p{L})(bereits|vergeben|déjà|ya|já|già|reeds|al in gebruik)(?!\p{L})/iu;
const NOT_TAKEN_WORDING = /\b(not?|never|none)\b[^.]{0,40}\bexists\b/i;
const ABOUT_A_PERSON =
  /(?<!\p{L})(e-?mail|user|member|address|account|adresse|utilisateur|benutzer|mitglied|usu[aá]rio|correo|indirizzo|utente|gebruiker)(?!\p{L})/iu;
const EMAIL_FIELD = /(^|[._-])e?mail(_?address)?$/i;
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
/** Inside a field's entry these are parts of one message, not fields of their own. */
const PART_OF_MESSAGE = new Set(["message", "messages", "code", "rule", "reason", "detail", "error", "errors"]);
const NAMES_THE_FIELD = ["field", "param", "attribute", "property", "path"];
const MAX_FIELDS = 20;
const MAX_DEPTH = 6;

/** Never throws. `body` is null when it could not be read. */
export function readErrorBody(body: string | null): ErrorBody {
  const text = (body ?? "").trim();
  const isHtml = /^<(!doctype|html|head|body|\?xml)/i.test(text);
  const root = parse(text);
  if (!isRecord(root)) {
    const plain = typeof root === "string" ? root : isHtml || text.length > 2000 ? "" : text;
    return { code: edgeCode(plain), fields: [], isTaken: saysTaken(null, new Map(), [plain]), pool: null, isHtml };
  }
  const inner = isRecord(root.error) ? root.error : null;
  const details = [root.details, inner?.details].filter(isRecord);
  const texts: Texts = new Map();
  for (const errors of [root.errors, inner?.errors]) collect(errors, "", texts, 0);
  for (const part of details) collectDetails(part, texts);
  const messages = [root.message, root.error, root.error_description, inner?.message].filter(isText);
  const code = firstCode([inner?.code, root.code, root.error_code, root.error]) ?? edgeCode(messages.join(" "));
  return {
    code,
    fields: [...texts.keys()].filter((name) => FIELD_NAME.test(name)),
    isTaken: saysTaken(code, texts, messages),
    pool: poolOf(details),
    isHtml: false,
  };
}

/**
 * "Already taken" is recognised in this order: by a code such as EMAIL_TAKEN or USER_ALREADY_EXISTS (unless only other fields
 * are named); by the field `email` with such a wording, the rule's name (`unique`) included; and, where neither a field nor
 * such a code is there, by a message that names the user or the address with such a wording.
 */
function saysTaken(code: string | null, texts: Texts, messages: readonly string[]): boolean {
  const emailTexts: string[] = [];
  let namesEmail = false;
  for (const [field, fieldTexts] of texts) {
    if (!EMAIL_FIELD.test(field)) continue;
    namesEmail = true;
    emailTexts.push(...fieldTexts);
  }
  const isTakenCode = code !== null && TAKEN_CODE.test(code) && !NOT_TAKEN_CODE.test(code);
  if (isTakenCode && (texts.size === 0 || namesEmail)) return true;
  if (emailTexts.some(isTakenWording)) return true;
  return texts.size === 0 && messages.some((message) => ABOUT_A_PERSON.test(message) && isTakenWording(message));
}

function isTakenWording(text: string): boolean {
  if (TAKEN_WORDING_ELSEWHERE.test(text.normalize("NFC"))) return true;
  return TAKEN_WORDING.test(text) && !NOT_TAKEN_WORDING.test(text);
}

/** Gathers texts by field from maps, lists of `{field, message}`, nested maps, and strings. */
function collect(value: unknown, path: string, into: Texts, depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value.slice(0, MAX_FIELDS)) collect(item, path, into, depth + 1);
    return;
  }
  if (!isRecord(value)) {
    if (path !== "") note(into, path, typeof value === "string" ? value : null);
    return;
  }
  const named = NAMES_THE_FIELD.map((key) => value[key]).find(isText);
  if (named !== undefined) {
    for (const part of Object.values(value))
      note(into, named, typeof part === "string" && part !== named ? part : null);
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    // {"email": {"unique": […]}}: below the address come the names of the rules it broke.
    if (EMAIL_FIELD.test(path)) note(into, path, key.replaceAll("_", " "));
    const isPart = EMAIL_FIELD.test(path) || PART_OF_MESSAGE.has(key.toLowerCase());
    if (isPart && path === "" && !Array.isArray(part) && !isRecord(part)) continue;
    collect(part, isPart ? path : path === "" ? key : `${path}.${key}`, into, depth + 1);
  }
}

/** `details` also holds things that are no fields (`pool_type`): only lists, maps, and a named field count. */
function collectDetails(details: Record<string, unknown>, into: Texts): void {
  if (NAMES_THE_FIELD.some((key) => isText(details[key]))) {
    collect(details, "", into, 1);
    return;
  }
  for (const [key, part] of Object.entries(details)) {
    const isEmail = key.toLowerCase() === "email";
    if (isRecord(part) || Array.isArray(part) || isEmail) collect({ [key]: part }, "", into, 1);
  }
}

function note(into: Texts, field: string, text: string | null): void {
  const texts = into.get(field);
  if (texts === undefined) {
    if (into.size < MAX_FIELDS) into.set(field, text === null ? [] : [text]);
  } else if (text !== null) {
    texts.push(text);
  }
}

function firstCode(candidates: readonly unknown[]): string | null {
  for (const candidate of candidates) {
    if (typeof candidate !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(candidate.trim())) continue;
    return candidate.trim().toUpperCase().replaceAll("-", "_");
  }
  return null;
}

/** The edge in front of the API puts its code into the text: "Error code: APSH213." (tallyfy-api.md 3.1). */
function edgeCode(text: string): string | null {
  return /\bError code: ([A-Z]{2,8}\d{1,6})\b/.exec(text)?.[1] ?? null;
}

function poolOf(details: readonly Record<string, unknown>[]): "full" | "light" | null {
  for (const part of details) {
    const pool = part.pool_type;
    if (pool === "full" || pool === "light") return pool;
  }
  return null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
