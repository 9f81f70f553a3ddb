// What the words in a status column mean: working, gone, or nothing that we may guess (hr-exports.md, "means working" and
// "means gone"). Several columns are weighed together; a contradiction is said, never settled by guessing.

import { detached } from "./detached.ts";

export type StatusMeaning = "working" | "gone" | "employment type" | "unknown" | "empty";

const WORKING = [
  ..."active|a|yes|y|true|1|on leave|l|leave|leave of absence|loa|paid leave|rehired|employed|current".split("|"),
  ..."active payroll eligible|actif|aktiv|actief|in dienst|activo|activa|attivo|attiva".split("|"),
];

/** Not here: words that a person who still works may have, such as "gekündigt" (until the last day) or "baja" (on sick leave). */
const GONE = [
  ..."inactive|i|terminated|t|retired|resigned|separated|laid off|ended|deceased|no|n|false|0|former|deactivated".split(
    "|",
  ),
  ..."not on payroll|reported no show|sorti|left|dismissed".split("|"),
  ..."inaktiv|ausgeschieden|ausgetreten|inactief|uit dienst|inactivo|inactiva|inattivo|inattiva|cessato|cessata".split(
    "|",
  ),
];

/** How somebody is employed: such a person works, unless another status column says that they left. */
const TYPES = "full time|part time|ft|pt|fulltime|parttime|contractor|intern|temporary|regular".split("|");

export interface StatusWords {
  /** What a cell means. `isInverted`: the column asks whether the person has left. */
  meaningOf(cell: string, isInverted: boolean): StatusMeaning;
}

/** `extra`: words of the configuration; they win over the known ones. */
export function statusWords(extra: {
  readonly working: readonly string[];
  readonly gone: readonly string[];
}): StatusWords {
  const meanings = new Map<string, StatusMeaning>();
  for (const word of TYPES) meanings.set(word, "employment type");
  for (const word of WORKING) meanings.set(word, "working");
  for (const word of GONE) meanings.set(word, "gone");
  for (const word of extra.working) meanings.set(fold(word), "working");
  for (const word of extra.gone) meanings.set(fold(word), "gone");
  const cache = new Map<string, StatusMeaning>();

  function lookUp(cell: string): StatusMeaning {
    const whole = meanings.get(fold(cell));
    if (whole !== undefined) return whole;
    if (fold(cell) === "") return "empty";
    const head = /^(.+?)(\s+[-–—]\s+|\s*\()/.exec(cell.trim())?.[1];
    return (head === undefined ? undefined : meanings.get(fold(head))) ?? "unknown";
  }

  return {
    meaningOf(cell, isInverted) {
      let meaning = cache.get(cell);
      if (meaning === undefined) {
        meaning = lookUp(cell);
        if (cache.size < 1000) cache.set(detached(cell), meaning);
      }
      return isInverted ? inverted(cell, meaning) : meaning;
    },
  };
}

/** In "Terminated" or "Block sign in", only plain answers count: yes has left, no or nothing works. */
function inverted(cell: string, meaning: StatusMeaning): StatusMeaning {
  if (meaning === "empty") return "working";
  const word = fold(cell);
  if (["yes", "y", "true", "1", "x", "terminated", "blocked", "hidden"].includes(word)) return "gone";
  if (["no", "n", "false", "0", "active"].includes(word)) return "working";
  return "unknown";
}

/** Case, spaces, hyphens, underscores and full stops do not count. */
function fold(word: string): string {
  return word
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s\-–—_.]+/g, " ")
    .trim();
}
