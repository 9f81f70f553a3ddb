// What configuration says about reading a roster, as values. `config/` builds it, `roster/` and the files beside this
// one obey it. No parsing of configuration files and no environment here.

import type { Field } from "./employee.ts";
import type { NameOrder } from "./names.ts";
import type { Role } from "./profile.ts";

/**
 * Encodings a person may name. A byte order mark counts first, then strict UTF-8, then what is named, for the whole file; `auto`
 * names Windows-1252, and `utf-8` refuses what is not.
 */
export const ROSTER_ENCODINGS = [
  "auto",
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1252",
  "iso-8859-1",
  "iso-8859-15",
  "windows-1250",
  "windows-1251",
  "windows-1254",
  "iso-8859-2",
  "shift_jis",
  "gb18030",
  "big5",
  "euc-kr",
] as const;

export type RosterEncoding = (typeof ROSTER_ENCODINGS)[number];

export const DELIMITERS = [",", ";", "\t", "|"] as const;

export type Delimiter = (typeof DELIMITERS)[number];

/** A condition on one column: the cell is one of these words (case and outer spaces do not matter). */
export interface ColumnRule {
  readonly column: string;
  readonly in: readonly string[];
}

export interface RoleRule extends ColumnRule {
  readonly role: Role;
}

/**
 * `dmy`: the day comes first; `mdy`: the month comes first; `ymd`: years of two digits come first, and dates that end with a year
 * of four digits are read as by `auto`; `auto`: proved by the file, otherwise asked for.
 */
export type DateOrder = "auto" | "dmy" | "mdy" | "ymd";

export interface RosterOptions {
  /** The header to use for a field, where the usual words are not enough; empty: no column serves it, whatever its name. */
  readonly columns: Readonly<Partial<Record<Field, string>>>;
  /** Builds the work address from other columns (email-pattern.ts), for exports without one; null: a column has it. */
  readonly emailPattern: string | null;
  /** How single small letters are written in built addresses, such as "ü" as "ue". */
  readonly emailLetters: Readonly<Record<string, string>>;
  readonly delimiter: "auto" | Delimiter;
  readonly encoding: RosterEncoding;
  readonly role: {
    /** Same as `columns.role`. */
    readonly column?: string;
    /** What a word in the role column means; `admin`, `standard` and `light` mean themselves. */
    readonly values: Readonly<Record<string, Role>>;
    /** For people whose role column is missing or empty: the first rule that fits decides. */
    readonly rules: readonly RoleRule[];
    readonly default: Role;
    /** Without it nobody becomes an admin: such rows are reported. */
    readonly allowAdmin: boolean;
  };
  /** For people whose time zone column is missing or empty; null leaves the choice to Tallyfy. */
  readonly timeZone: { readonly default: string | null };
  readonly names: {
    /** Of whole names without a comma. `auto`: first name first, unless the addresses say otherwise: then the file is refused. */
    readonly order: NameOrder;
    readonly tooLong: "report" | "shorten";
  };
  readonly dates: {
    readonly order: DateOrder;
    /** Of the column with the start, or the end, alone; `auto`: as `order`. */
    readonly startOrder: DateOrder;
    readonly endOrder: DateOrder;
  };
  /** Words of the status column beside the known ones. */
  readonly status: { readonly working: readonly string[]; readonly gone: readonly string[] };
  /** People must fit every one of these. */
  readonly include: readonly ColumnRule[];
  /** People who fit one of these are left out. */
  readonly exclude: readonly ColumnRule[];
  /** A record longer than this refuses the file: an unclosed quote must not read the disk into memory. */
  readonly maxRecordBytes: number;
}

export const ROSTER_DEFAULTS: RosterOptions = {
  columns: {},
  emailPattern: null,
  emailLetters: {},
  delimiter: "auto",
  encoding: "auto",
  role: { values: {}, rules: [], default: "standard", allowAdmin: false },
  timeZone: { default: null },
  names: { order: "auto", tooLong: "report" },
  dates: { order: "auto", startOrder: "auto", endOrder: "auto" },
  status: { working: [], gone: [] },
  include: [],
  exclude: [],
  maxRecordBytes: 131_072,
};
