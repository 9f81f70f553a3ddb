// Files that are not CSV, whatever their name says: each is refused by its first bytes, with what to do instead.

import { refused } from "./refused.ts";

/** So many bytes tell what a file is. */
export const TELLING_BYTES = 512;

const AS_CSV = 'In Excel choose File, Save As, "CSV UTF-8 (Comma delimited)", and drop that file.';
const EXPORT = "Export the roster as CSV and drop that file.";
const UNPACK = "Unpack it and drop the CSV file inside, or pack that with gzip (.csv.gz).";

interface Container {
  /** How such files begin, as Latin-1; or a pattern for it. */
  readonly begins: readonly string[] | RegExp;
  readonly code: string;
  readonly what: string;
  readonly fix: string;
}

const CONTAINERS: readonly Container[] = [
  {
    begins: ["PK\x03\x04", "PK\x05\x06"],
    code: "spreadsheet",
    what: "an Excel workbook or a zip archive",
    fix: `${AS_CSV} Unpack an archive first.`,
  },
  { begins: ["\xd0\xcf\x11\xe0"], code: "spreadsheet", what: "an old Excel workbook (.xls)", fix: AS_CSV },
  { begins: ["\x1f\x8b"], code: "compressed", what: "packed with gzip more than once", fix: UNPACK },
  {
    begins: ["BZh9", "\xfd7zXZ", "7z\xbc\xaf", "Rar!", "\x28\xb5\x2f\xfd"],
    code: "compressed",
    what: "packed in a way that is not read here",
    fix: UNPACK,
  },
  { begins: /^.{257}ustar/s, code: "compressed", what: "an archive (tar)", fix: UNPACK },
  {
    begins: ["\xff\xfe\0\0", "\0\0\xfe\xff"],
    code: "unknown-encoding",
    what: "text in UTF-32",
    fix: 'Save the export as "CSV UTF-8".',
  },
  { begins: ["%PDF"], code: "not-text", what: "a PDF document", fix: EXPORT },
  { begins: ["{\\rtf"], code: "not-text", what: "a text document (RTF)", fix: EXPORT },
  {
    begins: ["-----BEGIN PGP"],
    code: "encrypted",
    what: "encrypted (PGP)",
    fix: "Decrypt it before it is dropped, or let the export not encrypt it.",
  },
  {
    begins: /^\W{0,8}<(!doctype html|html|head|body|table|meta|style)\b/i,
    code: "not-text",
    what: "a web page, which some systems also write for Excel (.xls)",
    fix: `Open it in Excel. ${AS_CSV} If it is a page to sign in, the export itself has failed.`,
  },
  { begins: /^\W{0,8}<\?xml\b/, code: "not-text", what: "an XML document", fix: EXPORT },
  { begins: /^\s{0,8}[[{]\s{0,8}[[{"}\]]/, code: "not-text", what: "JSON", fix: EXPORT },
];

/** `start`: the first bytes of a file. @throws RosterRefused when they are of another kind of file */
export function refuseContainers(start: Buffer): void {
  const first = start.toString("latin1");
  for (const { begins, code, what, fix } of CONTAINERS) {
    const fits = begins instanceof RegExp ? begins.test(first) : begins.some((bytes) => first.startsWith(bytes));
    if (fits) throw refused(code, null, `The file is ${what}, and not a CSV file, whatever its name says.`, fix);
  }
}
