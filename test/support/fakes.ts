// Small stand-ins for what the use cases meet outside Redis: an organisation in Tallyfy, a data folder, a roster reader.
// They keep the contracts of app/ports.ts, awkward corners included: a moved file is gone from where it was, a name is taken
// once, an answer can get lost after the work was done.

import type { AnswerRow, AnswerSummary, RosterFiles, RosterReader, TallyfyApi } from "../../src/app/ports.ts";
import type { AsOfReading, Issue, RosterRow } from "../../src/domain/employee.ts";
import type { Account } from "../../src/domain/ledger.ts";
import type { Profile } from "../../src/domain/profile.ts";
import { RosterRefused } from "../../src/domain/roster-refused.ts";
import type { TallyfyError } from "../../src/domain/tallyfy-error.ts";
import { tallyfyError } from "./failures.ts";

// ------------------------------------------------------------------------------------------------------ Tallyfy

export interface FakeTallyfy extends TallyfyApi {
  canList: boolean;
  /** By address. */
  readonly members: Map<string, Account>;
  /** Addresses that another organisation has. */
  readonly elsewhere: Set<string>;
  /** What becomes of the next creates, one each: `before` the user is made, or `after`, when only the answer is lost. */
  readonly creates: ({ readonly before: TallyfyError } | { readonly after: TallyfyError } | "works")[];
  /** What becomes of the next look-ups. */
  readonly lookUps: (TallyfyError | "works" | "finds nobody")[];
  /** While set, every call for the whole organisation fails with it. */
  trouble: TallyfyError | null;
  /** While set, the probe says so. */
  refusal: string | null;
  seatsLeft: number;
  /** How often each call was made. */
  readonly calls: { create: number; find: number; list: number; probe: number; access: number };
}

export function fakeTallyfy(): FakeTallyfy {
  let nextId = 100;
  const fake: FakeTallyfy = {
    canList: true,
    members: new Map(),
    elsewhere: new Set(),
    creates: [],
    lookUps: [],
    trouble: null,
    refusal: null,
    seatsLeft: Number.POSITIVE_INFINITY,
    calls: { create: 0, find: 0, list: 0, probe: 0, access: 0 },

    async ensureAccess() {
      fake.calls.access += 1;
      if (fake.trouble !== null) throw fake.trouble;
    },
    async createUser(profile) {
      fake.calls.create += 1;
      if (fake.trouble !== null) throw fake.trouble;
      const scripted = fake.creates.shift() ?? "works";
      if (scripted !== "works" && "before" in scripted) throw scripted.before;
      if (fake.members.has(profile.email) || fake.elsewhere.has(profile.email)) {
        throw tallyfyError({ kind: "conflict", status: 409, code: "EMAIL_TAKEN" });
      }
      if (fake.seatsLeft <= 0) throw tallyfyError({ kind: "no-seat", status: 409, code: "SEAT_POOL_EXHAUSTED" });
      fake.seatsLeft -= 1;
      const account = memberFrom(profile, nextId++);
      fake.members.set(profile.email, account);
      if (scripted !== "works") throw scripted.after;
      return account;
    },
    async findMember(email) {
      fake.calls.find += 1;
      const scripted = fake.lookUps.shift() ?? "works";
      if (scripted === "finds nobody") return null;
      if (scripted !== "works") throw scripted;
      return fake.members.get(email) ?? null;
    },
    async *listMembers() {
      fake.calls.list += 1;
      if (fake.trouble !== null) throw fake.trouble;
      const all = [...fake.members.values()];
      for (let start = 0; start < all.length; start += 2) yield all.slice(start, start + 2);
    },
    async probe() {
      fake.calls.probe += 1;
      if (fake.trouble?.kind === "unavailable") throw fake.trouble;
      return fake.refusal === null ? null : { status: 401, message: fake.refusal };
    },
  };
  return fake;
}

export function memberFrom(profile: Profile, accountId: number, fields: Partial<Account> = {}): Account {
  const { email, firstName, lastName, role } = profile;
  return {
    accountId,
    email,
    firstName,
    lastName,
    role,
    status: "invited",
    isBot: false,
    isDefaultAdmin: false,
    ...fields,
  };
}

/** Tallyfy did not answer; it may have done what was asked. */
export const NO_ANSWER = tallyfyError({ kind: "timeout", message: "Tallyfy did not answer in time." });
/** Tallyfy was not reached. */
export const NOT_SENT = tallyfyError({ kind: "unavailable", wasSent: false, message: "Tallyfy cannot be reached." });
export const REFUSED = tallyfyError({ kind: "unauthorized", status: 401, message: "Tallyfy refuses the credentials." });
export const FORBIDDEN = tallyfyError({ kind: "forbidden", status: 403, message: "Tallyfy forbids it." });

// -------------------------------------------------------------------------------------------- rosters and files

/** What a file holds, as the reader will understand it. */
export interface FakeRoster {
  readonly sha256: string;
  readonly rows: readonly RosterRow[];
  /** Given: the reader refuses the file, after the rows. */
  readonly refused?: readonly Issue[];
  readonly asOf?: AsOfReading;
}

export interface WrittenAnswer {
  readonly rows: readonly AnswerRow[];
  readonly summary: AnswerSummary;
}

export interface FakeFiles extends RosterFiles {
  /** By path. */
  readonly contents: Map<string, FakeRoster>;
  readonly reasons: Map<string, string>;
  /** By run. */
  readonly answers: Map<string, WrittenAnswer>;
}

export function fakeFiles(dataId = "here"): FakeFiles {
  const contents = new Map<string, FakeRoster>();
  const reasons = new Map<string, string>();
  const answers = new Map<string, WrittenAnswer>();

  function contentOf(path: string): FakeRoster {
    const roster = contents.get(path);
    if (roster === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    return roster;
  }
  function move(path: string, target: string): string {
    const roster = contents.get(path);
    if (roster === undefined) {
      if (contents.has(target)) return target;
      throw new Error("the roster file is neither here nor there");
    }
    contents.delete(path);
    contents.set(target, roster);
    return target;
  }
  function nameOf(path: string): string {
    return path.slice(path.lastIndexOf("/") + 1);
  }
  function filesBelow(folder: string) {
    const paths = [...contents.keys()].filter((path) => path.startsWith(folder)).sort();
    return paths.map((path) => {
      const [runId = "", ...rest] = nameOf(path).split(".");
      return { runId, fileName: rest.join("."), path };
    });
  }

  return {
    dataId,
    contents,
    reasons,
    answers,
    absolute: (path) => `/data/${path}`,
    exists: async (path) => contents.has(path),
    hash: async (path) => contentOf(path).sha256,
    async bring(source, runId) {
      const path = `processing/${runId}.${nameOf(source)}`;
      contents.set(path, contentOf(source));
      return path;
    },
    async archive(path, at) {
      return move(path, `archive/${at.toISOString().slice(0, 7).replace("-", "/")}/${nameOf(path)}`);
    },
    async refuse(path, reason) {
      const target = move(path, `refused/${nameOf(path)}`);
      reasons.set(target, reason);
      return target;
    },
    async answer(_fileName, runId, rows, summary) {
      const written: AnswerRow[] = [];
      for await (const row of rows) written.push(row);
      answers.set(runId, { rows: written, summary });
    },
    claimed: async () => filesBelow("processing/"),
    find: async (runId) => filesBelow("").find((file) => file.runId === runId) ?? null,
    newestArchived: async () => filesBelow("archive/").at(-1) ?? null,
  };
}

const FILE_CHANGED = {
  code: "file-changed",
  line: null,
  column: null,
  message: "It was changed.",
  fix: "Drop it again.",
};

/** Reads what `files` holds, two rows at a time; holds a file to the hash that is given. */
export function fakeReader(files: FakeFiles): RosterReader {
  return {
    open(path, sha256 = null) {
      let isRead = false;
      const roster = files.contents.get(path.replace("/data/", ""));
      if (roster === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return {
        async *rows() {
          for (let start = 0; start < roster.rows.length; start += 2) yield roster.rows.slice(start, start + 2);
          if (roster.refused !== undefined) throw new RosterRefused(roster.refused);
          if (sha256 !== null && sha256 !== roster.sha256) throw new RosterRefused([FILE_CHANGED]);
          isRead = true;
        },
        summary() {
          if (!isRead) throw new Error("the roster has not been read to its end");
          const count = (kind: RosterRow["kind"]) => roster.rows.filter((row) => row.kind === kind).length;
          return {
            sha256: roster.sha256,
            bytes: 0,
            encoding: "utf-8",
            delimiter: ",",
            headerLine: 1,
            lastLine: 1,
            trailer: null,
            asOf: roster.asOf ?? null,
            columns: [],
            rows: roster.rows.length,
            employees: count("employee"),
            outOfScope: count("out-of-scope"),
            unreadable: count("unreadable"),
            remarks: [],
          };
        },
        known: () => ({}),
      };
    },
  };
}
