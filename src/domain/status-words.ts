// What the words in a status column mean: working, gone, or nothing that we may guess (hr-exports.md, "means working" and
// "means gone"). Several columns are weighed together; a contradiction is said, never settled by guessing.

import { detached } from "./detached.ts";

export type StatusMeaning = "working" | "gone" | "employment type" | "unknown" | "empty";

/** Plain answers, which mean the opposite where a column asks whether somebody has left. */
const YES = "yes|y|true|1|ja|wahr|oui|vrai|sí|si|sì|verdadero|vero|sim|verdadeiro".split("|");
const NO = "no|n|false|0|nein|falsch|non|faux|falso|nee|não|nao|nej|nie".split("|");

const WORKING = [
  ...YES,
  ..."active|a|on leave|l|leave|leave of absence|loa|paid leave|rehired|employed|current".split("|"),
  ..."active payroll eligible|actif|aktiv|actief|in dienst|activo|activa|attivo|attiva|in forza|beschäftigt|zatrudniony|zatrudniona|présent|présente|férias|afastado|afastada|alta|ativo|ativa|aktywny|aktywna|anställd".split(
    "|",
  ),
  // Leave, which is still employment.
  ..."maternity leave|paternity leave|parental leave|medical leave|sick leave|unpaid leave|elternzeit|mutterschutz|beurlaubt".split(
    "|",
  ),
  ..."en congé|congé parental|congé maternité|ouderschapsverlof|zwangerschapsverlof|föräldraledig|tjänstledig|em licença".split(
    "|",
  ),
  ..."in maternità|in aspettativa|congedo parentale|urlop macierzyński|urlop wychowawczy|de licencia".split("|"),
];

/** Not here: words that a person who still works may have, such as "gekündigt" (until the last day) or "baja" (on sick leave). */
const GONE = [
  ...NO,
  ..."inactive|i|terminated|t|retired|resigned|separated|laid off|ended|deceased|former|deactivated".split("|"),
  ..."not on payroll|reported no show|sorti|left|dismissed".split("|"),
  ..."inaktiv|ausgeschieden|ausgetreten|inactief|uit dienst|inactif|inactivo|inactiva|inattivo|inattiva|cessato|cessata|inativo|inativa|desligado|desligada|demitido|demitida|baja voluntaria|nieaktywny|nieaktywna|zwolniony|zwolniona|avslutad".split(
    "|",
  ),
];

/** How somebody is employed: such a person works, unless another status column says that they left. */
const TYPES = "full time|part time|ft|pt|fulltime|parttime|contractor|intern|temporary|regular".split("|");

/** What is said in "Terminated" or "Block sign in": yes has left, no or nothing works. */
const INVERTED: ReadonlyMap<string, StatusMeaning> = new Map([
  ...[...YES, "x", "terminated", "blocked", "hidden"].map((word) => [word, "gone"] as const),
  ...[...NO, "active"].map((word) => [word, "working"] as const),
]);

/** Words, or their beginnings, that may say of somebody who works that they do not. */
const LEAVING =
  /^(end|ended|left|laid|sortie?s?|termed|former)$|^(terminat|inactiv|inaktiv|expired|resign|retire|separat|dismiss|deceas|deactivat|suspend|ausgesch|ausgetr|cessat|inativ|desligad|nieaktywn|zwolnion|avslutad)/;

/** All that stands behind a word for gone, of somebody who may work after all. */
const STILL_THERE = new Set(
  "on leave|leave|loa|leave of absence|paid leave|sabbatical|rehired|working|serving notice|on notice|under notice|notice period".split(
    "|",
  ),
);

/** All that stands behind a word for working, of somebody who may not have begun, or be about to leave. */
const NOT_YET_OR_NOT_LONG = new Set(
  "pre hire|prehire|future hire|future|onboarding|pending|not started|not yet started|offer|leaver|leaving".split("|"),
);

/** Of longer cells nothing is known: taking them apart may grow with the square of their length. */
const MOST_CHARACTERS = 200;

export interface StatusWords {
  /** What a cell means. `isInverted`: the column asks whether the person has left. */
  meaningOf(cell: string, isInverted: boolean): StatusMeaning;
}

/** `extra`: words of the configuration; they win over the known ones, but for plain answers to whether somebody has left. */
export function statusWords(extra: {
  readonly working: readonly string[];
  readonly gone: readonly string[];
}): StatusWords {
  const meanings = new Map<string, StatusMeaning>();
  for (const word of TYPES) meanings.set(word, "employment type");
  for (const word of WORKING) meanings.set(word, "working");
  for (const word of GONE) meanings.set(word, "gone");
  const configured = new Map<string, StatusMeaning>();
  for (const word of extra.working) configured.set(fold(word), "working");
  for (const word of extra.gone) configured.set(fold(word), "gone");
  for (const [word, meaning] of configured) meanings.set(word, meaning);
  const cache = new Map<string, StatusMeaning>();

  function lookUp(cell: string): StatusMeaning {
    const whole = meanings.get(fold(cell));
    if (whole !== undefined) return whole;
    if (fold(cell) === "") return "empty";
    if (cell.length > MOST_CHARACTERS) return "unknown";
    const [, head = "", tail = ""] = /^(.+?)(?:\s+[-–—/]\s+|\s*\()(.*)$/s.exec(cell.trim()) ?? [];
    const meaning = head === "" ? undefined : meanings.get(fold(head));
    if (meaning === undefined) return "unknown";
    // "Full-Time (Terminated)", "Inactive - On Leave": what follows says otherwise, and may be what counts.
    const rest = fold(tail.replace(/[()[\],;:/]/g, " "));
    return (meaning === "gone" ? mayWork(rest) : mayNotWork(rest)) ? "unknown" : meaning;
  }

  function mayWork(rest: string): boolean {
    return meanings.get(rest) === "working" || STILL_THERE.has(rest);
  }

  function mayNotWork(rest: string): boolean {
    const words = rest.split(" ");
    return meanings.get(rest) === "gone" || NOT_YET_OR_NOT_LONG.has(rest) || words.some((word) => LEAVING.test(word));
  }

  return {
    meaningOf(cell, isInverted) {
      let meaning = cache.get(cell);
      if (meaning === undefined) {
        meaning = lookUp(cell);
        if (cache.size < 1000) cache.set(detached(cell), meaning);
      }
      if (!isInverted) return meaning;
      if (meaning === "empty") return "working";
      const word = fold(cell);
      return INVERTED.get(word) ?? configured.get(word) ?? "unknown";
    },
  };
}

/** Case, spaces, hyphens, underscores and full stops do not count. */
function fold(word: string): string {
  return word
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s\-–—_.]+/g, " ")
    .trim();
}
