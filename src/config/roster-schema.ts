// The options about reading a roster. What they mean to the reader is domain/roster-options.ts.

import { z } from "zod";
import { isEmailPattern } from "../domain/email-pattern.ts";
import { ROLES } from "../domain/profile.ts";
import { ROSTER_DEFAULTS, ROSTER_ENCODINGS } from "../domain/roster-options.ts";
import { isFilled, isTimeZone } from "./fits.ts";
import { choice, flag, group, optionalText, structure, whole } from "./option.ts";

const role = z.enum(ROLES as ["admin", "standard", "light"]);
const words = z.array(z.string().min(1)).readonly();
/** An empty one is what an empty cell means. */
const statusWords = z.array(z.string()).readonly();
const columnRules = z.array(z.strictObject({ column: z.string().min(1), in: words })).readonly();
const columns = z.strictObject({
  employee_id: z.string().optional(),
  email: z.string().min(1).optional(),
  first_name: z.string().min(1).optional(),
  last_name: z.string().min(1).optional(),
  last_name_prefix: z.string().optional(),
  full_name: z.string().min(1).optional(),
  role: z.string().optional(),
  timezone: z.string().optional(),
  status: z.string().optional(),
  start_date: z.string().optional(),
  end_date: z.string().optional(),
});

export const rosterOptions = group({
  columns: structure(
    columns.readonly().default({}),
    'a map from field to header, such as {"employee_id": "Staff No."}; fields are employee_id, email, first_name, last_name, last_name_prefix, full_name, role, timezone, status, start_date, end_date',
    "Which header means which field, where the usual words do not fit; an empty one: no column does.",
  ),
  email_pattern: optionalText(
    isEmailPattern,
    "a pattern such as {first}.{last}@corp.example, in small letters; the parts are {first} {last} {f} {l} {id}",
    "Builds the work address from names or id, for exports without one; see also email_letters.",
  ),
  email_letters: structure(
    z
      .record(z.string().regex(/^[^\p{Lu}]$/u), z.string().regex(/^[a-z0-9._-]*$/))
      .readonly()
      .default({}),
    'a map from small letter to how an address writes it, such as {"ü": "ue", "ß": "ss"}',
    "How built addresses write letters such as ü, ø, ß, which differ from place to place.",
  ),
  delimiter: choice(["auto", ",", ";", "tab", "|", "\t"], "auto", "The character between columns."),
  encoding: choice(
    ROSTER_ENCODINGS,
    "auto",
    "The character encoding of files that are not UTF-8 and have no byte order mark; auto: windows-1252, with a remark; utf-8: they are refused.",
  ),
  max_record_bytes: whole(
    1024,
    16_777_216,
    ROSTER_DEFAULTS.maxRecordBytes,
    "bytes",
    "A longer record refuses the file: a quote was not closed.",
  ),
  lead_days: whole(0, 3650, 0, "days", "How many days before their start date people are created."),
  timezone: optionalText(
    isTimeZone,
    "an IANA time zone such as Europe/Berlin",
    "The time zone of people whose row names none; without it Tallyfy decides.",
  ),
  role: group({
    column: optionalText(isFilled, "a column's header", "The header of the role column; the same as columns.role."),
    values: structure(
      z.record(z.string(), role).readonly().default({}),
      'a map from word to role, such as {"Manager": "standard"}; roles are admin, standard, light',
      "What a word in the role column means.",
    ),
    rules: structure(
      z
        .array(z.strictObject({ column: z.string().min(1), in: words, role }))
        .readonly()
        .default([]),
      'a list such as [{"column": "Department", "in": ["Sales"], "role": "light"}]; roles are admin, standard, light',
      "Roles by other columns, for people without one; the first rule that fits decides.",
    ),
    default: choice(["standard", "light", "admin"], "standard", "The role of everybody else."),
    allow_admin: flag(false, "Whether the roster may make administrators."),
  }),
  names: group({
    order: choice(
      ["auto", "first-last", "last-first"],
      "auto",
      "How whole names without a comma are written; auto: first name first, unless the addresses beside them say otherwise, which is asked about.",
    ),
    too_long: choice(
      ["report", "shorten"],
      "report",
      "What happens to names of more than 32 characters, which Tallyfy refuses.",
    ),
  }),
  dates: group({
    order: choice(
      ["auto", "dmy", "mdy", "ymd"],
      "auto",
      "Whether 03/04/2027 is in April (dmy) or in March (mdy); auto: proved by the file. ymd: 27/04/03 begins with the year; dates with years of four digits are read as by auto.",
    ),
    start_order: choice(
      ["auto", "dmy", "mdy", "ymd"],
      "auto",
      "The same of the start dates alone, where the two columns differ; auto: as order.",
    ),
    end_order: choice(["auto", "dmy", "mdy", "ymd"], "auto", "The same of the end dates alone; auto: as order."),
  }),
  status: group({
    working: structure(
      statusWords.default([]),
      'a list of words, such as ["aktiv"]',
      'Further words that say: works here; "" is the empty cell.',
    ),
    gone: structure(
      statusWords.default([]),
      'a list of words, such as ["ausgetreten"]',
      "Further words that say: has left.",
    ),
  }),
  include: structure(
    columnRules.default([]),
    'a list such as [{"column": "Country", "in": ["DE"]}]',
    "Only people who fit all of these.",
  ),
  exclude: structure(
    columnRules.default([]),
    'a list such as [{"column": "Type", "in": ["Contractor"]}]',
    "People who fit one of these are left out.",
  ),
});
