// What a reading of the roster gives: a row is either an employee, out of scope, or unreadable with its issues.
// "Unreadable is not absent" lives in these types: an unreadable row is reported, it never vanishes.

import type { Day } from "./day.ts";
import type { PersonKey, Profile } from "./profile.ts";

/** A validated person from the roster: the desired state. */
export interface Employee {
  readonly key: PersonKey;
  /** Fingerprint of the normalised e-mail address. */
  readonly emailHash: string;
  readonly profile: Profile;
  /** False when a status column says that the person has left. */
  readonly isWorking: boolean;
  /** A status column has a word for working. Without one people count as working, too, but nothing says it. */
  readonly hasWorkingStatus?: boolean;
  readonly startsOn: Day | null;
  readonly endsOn: Day | null;
  /** Line of the file on which the row begins, counted from 1. */
  readonly line: number;
}

/** One thing wrong with a row or a file. Texts may quote the value unless it is a name or an address: they never go to a log. */
export interface Issue {
  /** A stable word for tests and programs, such as `bad-date`. */
  readonly code: string;
  /** Line in the file, from 1; null when it concerns the file as a whole. */
  readonly line: number | null;
  /** The column's header as the file spells it; null when it concerns no single column. */
  readonly column: string | null;
  /** What is wrong, and what the value is where it may be shown. One sentence. */
  readonly message: string;
  /** What to do about it. One sentence. */
  readonly fix: string;
  /** The line of configuration that would settle it, where one would. */
  readonly setting?: Setting;
}

/** A line of configuration that is proposed; nothing is ever set by itself. */
export interface Setting {
  /** The option, such as `roster.columns.email`; `roster.status` for a word of which nobody knows whether it means working or gone. */
  readonly path: string;
  /** What to write there: one word of a list where the option is a list, a word and its meaning where it is a map. */
  readonly value: string | readonly [word: string, means: string];
  /** What speaks for it: for people. */
  readonly because?: string;
  /** What it may be instead, or what is to be decided: for people. */
  readonly or: string | null;
}

/** One CSV record after validation. */
export type RosterRow =
  | { readonly kind: "employee"; readonly employee: Employee }
  | { readonly kind: "out-of-scope"; readonly key: PersonKey | null; readonly line: number; readonly because: string }
  | {
      readonly kind: "unreadable";
      /** The person key and e-mail fingerprint as far as they could be read. */
      readonly key: PersonKey | null;
      readonly emailHash: string | null;
      readonly line: number;
      readonly issues: readonly Issue[];
    };

export type Field =
  | "employeeId"
  | "email"
  | "firstName"
  | "lastName"
  | "lastNamePrefix"
  | "fullName"
  | "role"
  | "timeZone"
  | "status"
  | "startDate"
  | "endDate";

/** How one column was understood. */
export interface ColumnReading {
  readonly header: string;
  /** 1-based position in the file. */
  readonly position: number;
  /** Null: the column is not needed and was dropped as it was parsed. */
  readonly field: Field | null;
  /** Why: named by the configuration, known as a synonym, or read only for a rule. */
  readonly by: "configuration" | "synonym" | "rule" | null;
  /** Rows in which the column has a value; counted for columns that are used, 0 for all others. */
  readonly filled: number;
  /** The first value, with names, addresses and ids masked; only of columns that are used. */
  readonly sample?: string;
  /** Of a column that is not used: how many of its cells look like an address, where that was looked at. */
  readonly addresses?: number;
}

/** What the footers below the last person say about the file, or a count above the header. */
export interface Trailer {
  /** The first line of them. */
  readonly line: number;
  /** The number of rows that they give; null when they give none, or more than one. */
  readonly count: number | null;
  /** A line that says that the file ends here, such as `#EOF`. */
  readonly hasEndMark: boolean;
  /** The page that ends here, where a line says so. */
  readonly page?: { readonly page: number; readonly of: number };
}

/** Of which day a roster says that it is, in a line above its header or below its people. */
export interface AsOfReading {
  readonly line: number;
  /** The date as it is written. */
  readonly written: string;
  /** The earliest and the latest day that it may mean: the same, unless nothing proves the order of day and month. */
  readonly from: Day;
  readonly to: Day;
  /** What settled it, or why it is open; null where the date leaves no doubt. */
  readonly because: string | null;
}

/** How a file was read as a whole; complete only after the last row. */
export interface ReadingSummary {
  readonly sha256: string;
  readonly bytes: number;
  readonly encoding: string;
  /** The separator itself: "," ";" "\t" or "|". */
  readonly delimiter: string;
  readonly headerLine: number;
  /** The last line of the file, from 1. */
  readonly lastLine: number;
  /** Null: nothing but blank rows stands below the last person, and no line above the header gives a count. */
  readonly trailer: Trailer | null;
  /** Null: no line says of which day the roster is. */
  readonly asOf?: AsOfReading | null;
  readonly columns: readonly ColumnReading[];
  readonly rows: number;
  /** Rows with as many cells as the header: of the others nothing is read, and no column counts as blank. */
  readonly wellShaped?: number;
  readonly employees: number;
  readonly outOfScope: number;
  readonly unreadable: number;
  /** Things worth knowing that stop nothing, such as a status word that was never seen before. */
  readonly remarks: readonly Issue[];
  /** Words of the status columns, and what each was taken to mean. */
  readonly statusWords?: readonly StatusWordReading[];
  /** How the order of day and month was settled, where dates needed it. */
  readonly dateOrders?: readonly DateOrderReading[];
  /** How dates are written, in rows that are in scope. */
  readonly dateStyles?: readonly DateStyleReading[];
  /** Why the file was read as it was: for people. */
  readonly because?: { readonly encoding: string; readonly delimiter: string; readonly header: string };
}

/** How a file was read as far as it came: what is not here was not found out. */
export type KnownReading = Partial<Omit<ReadingSummary, "because">> & {
  readonly because?: Partial<NonNullable<ReadingSummary["because"]>>;
};

export interface StatusWordReading {
  readonly column: string;
  readonly word: string;
  readonly meaning: "working" | "gone" | "employment type" | "unknown" | "empty";
  readonly rows: number;
}

export interface DateOrderReading {
  readonly column: string;
  readonly separator: string;
  /** Null: the values of the column contradict each other. */
  readonly order: "dmy" | "mdy" | "ymd" | null;
  /** Such as `DD/MM/YY`: the one that is proved, or two that occur. */
  readonly styles: readonly string[];
  readonly provedOnLine: number | null;
  /** The date on that line. */
  readonly provedBy: string | null;
  /** Where that date may also begin with a year: the date that has the year last for certain. */
  readonly yearProof: { readonly line: number; readonly cell: string } | null;
}

/** One way in which a column writes its dates. */
export interface DateStyleReading {
  readonly column: string;
  /** Such as `DD.MM.YYYY`; `open`: nothing says which of the two orders; `year-open`: the year may come first too. */
  readonly style: string;
  readonly rows: number;
  /** The first such date and its line. */
  readonly sample: string;
  readonly line: number;
}
