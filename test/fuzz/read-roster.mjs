// Fuzzes the roster reader: damaged fixtures and invented rosters go through the built program's reader, over and over.
// `npm run build && node test/fuzz/read-roster.mjs [SECONDS] [SEED]`. What must hold is in `judge`; a finding is printed with its
// seed, its bytes are kept in a file, and the run goes on. Exits 1 when there were findings.

import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const { createRosterReader } = await import("../../dist/roster/reader.js");
const { ROSTER_DEFAULTS, ROSTER_ENCODINGS } = await import("../../dist/domain/roster-options.js");
const { RosterRefused } = await import("../../dist/domain/roster-refused.js");
const { planFlow, planParts } = await import("../../dist/domain/plan.js");

const seconds = Number(process.argv[2] ?? 60);
const firstSeed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
const SLOW_MS = 3000;
const NOBODY = { entry: null, emailOwner: null, account: null, isListed: false };
/** Stands in every invented name and address of a roster that is only shuffled, cut, doubled or blanked: no issue may show it. */
const MARK = "quetzal";

const folder = mkdtempSync(join(tmpdir(), "roster-fuzz-"));
const file = join(folder, "roster.csv");
const fixtures = new URL("../../fixtures/rosters/", import.meta.url);
const corpus = readdirSync(fixtures).map((name) => readFileSync(new URL(name, fixtures)));
const fingerprint = (text) => createHash("sha256").update(text).digest("hex").slice(0, 32);

let findings = 0;
let cases = 0;
const outcomes = new Map();

/** Any bytes: damaged fixtures, mixtures of them, noise. */
async function tryAny(chance, seed) {
  let bytes = Buffer.from(pick(corpus, chance));
  const rounds = 1 + Math.floor(chance() * 6);
  for (let round = 0; round < rounds; round += 1) bytes = damaged(bytes, chance);
  const result = await read(bytes, optionsFrom(chance));
  judge(result, bytes, seed);
}

/** A roster of known people, with a damage that may lose people but must never change one. */
async function tryKnown(chance, seed) {
  const dialect = {
    delimiter: pick([",", ";", "\t", "|"], chance),
    lineEnd: pick(["\n", "\r\n", "\r"], chance),
    quoteAll: chance() < 0.3,
    encode: pick(["utf8", "bom", "utf16le", "utf16be", "gzip"], chance),
    rotation: Math.floor(chance() * HEADER.length),
  };
  const people = Array.from({ length: 1 + Math.floor(chance() * 8) }, (_, index) => personFrom(index, chance));
  // Without dates: one that is in doubt keeps its person out, and a damage may take the doubt away.
  const dateless = people.map((cells) => cells.map((cell, at) => (HEADER[at] === "Hire Date" ? "" : cell)));
  const original = await read(written(dateless, dialect), ROSTER_DEFAULTS);
  judge(original, written(dateless, dialect), seed);
  const [damage, rows] = rowDamage(people, chance);
  let bytes = written(rows, dialect);
  if (damage === "cut") bytes = bytes.subarray(0, Math.floor(chance() * bytes.length));
  const result = await read(bytes, ROSTER_DEFAULTS);
  judge(result, bytes, seed);
  const known = new Map(original.employees.map((employee) => [employee.key, essence(employee)]));
  for (const employee of result.employees) {
    if (known.get(employee.key) !== essence(employee)) finding(seed, bytes, `${damage} made somebody else of a person`);
  }
  const flow = planFlow({ asOf: "2026-06-01", leadDays: 0 });
  for (const row of result.rows) flow.add(row, row.kind === "employee" ? NOBODY : null);
  const parts = planParts();
  parts.add(flow.take());
  const { unchanged } = flow.totals();
  const { changes, skips } = parts.plan({
    runId: "fuzz",
    asOf: "2026-06-01",
    sha256: "",
    rows: result.rows.length,
    unchanged,
  });
  if (changes.length + skips.length + unchanged !== result.rows.length)
    finding(seed, bytes, "a row is not accounted for");
  if (new Set(changes.map((change) => change.key)).size !== changes.length)
    finding(seed, bytes, "two changes for one person");
  const told = JSON.stringify([result.refused, skips, result.rows.flatMap((row) => row.issues ?? [])]);
  if (told.toLowerCase().includes(MARK)) finding(seed, bytes, "a name or an address is told");
}

/** A roster without addresses: each is built by a pattern, and a damage must never build somebody another one. */
async function tryPattern(chance, seed) {
  const pattern = pick(PATTERNS, chance);
  const emailLetters = pick(LETTERS, chance);
  const options = { ...ROSTER_DEFAULTS, emailPattern: pattern, emailLetters };
  const dialect = {
    delimiter: pick([",", ";", "\t", "|"], chance),
    lineEnd: pick(["\n", "\r\n", "\r"], chance),
    quoteAll: chance() < 0.3,
    encode: pick(["utf8", "bom", "utf16le", "utf16be", "gzip"], chance),
    rotation: Math.floor(chance() * NAMES_HEADER.length),
  };
  const isWhole = chance() < 0.4;
  const people = Array.from({ length: 1 + Math.floor(chance() * 8) }, (_, index) => {
    const [first, last] = [pick(NAMES, chance), pick(NAMES, chance)];
    return { id: pick([`E${index}`, `00${index}`, `É${index}`, `e ${index}`], chance), first, last };
  });
  const expected = new Map(people.map((person) => [person.id, addressOf(pattern, person, emailLetters)]));
  const header = isWhole ? ["Employee ID", "Worker", "Notes", "Status"] : NAMES_HEADER;
  const rows = people.map(({ id, first, last }) =>
    isWhole ? [id, `${last}, ${first}`, "n", "Active"] : [id, first, last, "n", "Active"],
  );
  const [damage, damagedRows] = rowDamage(rows, chance);
  let bytes = written(damagedRows, { ...dialect, rotation: dialect.rotation % header.length }, header);
  if (damage === "cut") bytes = bytes.subarray(0, Math.floor(chance() * bytes.length));
  const result = await read(bytes, options);
  judge(result, bytes, seed);
  for (const { key, profile } of result.employees) {
    if (expected.get(key) !== profile.email)
      finding(seed, bytes, `${damage}: an address that ${pattern} does not give`);
  }
  const missing = [...expected].filter(
    ([id, email]) => email !== null && !result.employees.some(({ key }) => key === id),
  );
  if (["shuffle", "double"].includes(damage) && missing.length > 0) finding(seed, bytes, `no address by ${pattern}`);
}

const NAMES_HEADER = ["Employee ID", "First Name", "Last Name", "Notes", "Status"];
const PATTERNS = [
  "{first}.{last}@corp.example",
  "{f}{last}@corp.example",
  "{l}.{f}-{id}@corp.example",
  "{id}@corp.example",
];
const LETTERS = [{}, { ü: "ue", ß: "ss" }, { é: "", "-": "" }, { ø: "o", æ: "ae", ü: "u", "'": "_" }];
const NAMES = [
  "Una",
  "Zoë",
  "O'Neill",
  "葵",
  "van der Berg",
  "Müller",
  "Jean-Luc",
  "José María",
  "Straß",
  "Bjørn",
  "Æsa",
  "D’Arc",
];
const PLAIN = { ë: "e", é: "e", í: "i", "'": "", "’": "", " ": "" };

/** What a pattern gives, written down once more in another way; null: it must not give anything. */
function addressOf(pattern, { id, first, last }, letters) {
  const plain = (name) => {
    const written = Array.from(name.toLowerCase()).map((letter) =>
      letter in letters ? letters[letter] : /[a-z-]/.test(letter) ? letter : PLAIN[letter],
    );
    return written.includes(undefined) || written.join("") === "" ? null : written.join("");
  };
  const parts = { first: plain(first), last: plain(last), id: /^[a-z0-9]+$/i.test(id) ? id.toLowerCase() : null };
  const values = { ...parts, f: parts.first?.[0] ?? null, l: parts.last?.[0] ?? null };
  const used = [...pattern.matchAll(/\{(\w+)\}/g)].map((match) => values[match[1]]);
  if (used.includes(null)) return null;
  const email = pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  // What no mail server takes is refused like any other address.
  return /^[^.@][^@]*[^.@]@/.test(email) && !email.includes("..") ? email : null;
}

const HEADER = ["Employee ID", "First Name", "Last Name", "Notes", "Status", "Hire Date", "Work Email"];

function personFrom(index, chance) {
  const name = () => pick(["Una", "Zoë", "O'Neill", "葵", "van der Berg", "Œuvré"], chance) + MARK;
  const date = pick(["2021-03-11", "23/04/2019", "12/10/2031", "", "4712-12-31", "15-Mar-2021"], chance);
  const note = pick(["", 'a "b", c', "x\r\ny", "; |\t", "Total", "'"], chance);
  const status = pick(["Active", "Active", "Terminated", "Leave"], chance);
  return [`E${index}`, name(), name(), note, status, date, `${MARK}${index}@corp.example`];
}

function essence({ key, profile, isWorking }) {
  return JSON.stringify([key, profile, isWorking]);
}

function rowDamage(people, chance) {
  const damage = pick(["cut", "shuffle", "double", "blank", "thin"], chance);
  if (damage === "shuffle") return [damage, shuffled(people, chance)];
  if (damage === "double") return [damage, shuffled([...people, ...people.filter(() => chance() < 0.5)], chance)];
  if (damage === "thin") return [damage, people.filter(() => chance() < 0.6)];
  if (damage === "cut") return [damage, people];
  const at = Math.floor(chance() * (people[0]?.length ?? 1));
  const share = chance();
  return [damage, people.map((cells) => cells.map((cell, index) => (index === at && chance() < share ? "" : cell)))];
}

function written(rows, { delimiter, lineEnd, quoteAll, encode, rotation }, header = HEADER) {
  const cell = (text) => (quoteAll || /[,;\t|"'\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const turned = (cells) => [...cells.slice(rotation), ...cells.slice(0, rotation)];
  const text = [...[header, ...rows].map((cells) => turned(cells).map(cell).join(delimiter)), ""].join(lineEnd);
  return encoded(text, encode);
}

function encoded(text, encode) {
  if (encode === "bom") return Buffer.from(`\ufeff${text}`);
  if (encode === "utf16le") return Buffer.from(`\ufeff${text}`, "utf16le");
  if (encode === "utf16be") return Buffer.from(`\ufeff${text}`, "utf16le").swap16();
  return encode === "gzip" ? gzipSync(text) : Buffer.from(text);
}

const TOKENS = [
  ...'",""|\'|,|;|\t|\n|\r\n|\r|\0|@|#EOF\n|Total,4\n|sep=;\n|\ufeff|\u00a0|\u2028|=1+1|N/A|1E+05|\ud83d\ude00|e\u0301'.split(
    "|",
  ),
  "Employee ID,First Name,Last Name,Work Email\n",
  "1,Una,Frost,una@corp.example\n",
  "Worker Report - as of 09/01/2026\n",
  "Report generated 2026-11-24\n",
  ",13/04/2021,",
];

function damaged(bytes, chance) {
  const at = Math.floor(chance() * (bytes.length + 1));
  const length = Math.floor(chance() ** 3 * 400);
  switch (Math.floor(chance() * 11)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(TOKENS, chance)), bytes.subarray(at)]);
    case 4: {
      const changed = Buffer.from(bytes);
      for (let turn = 0; turn < 4 && changed.length > 0; turn += 1) {
        changed[Math.floor(chance() * changed.length)] = Math.floor(chance() * 256);
      }
      return changed;
    }
    case 5:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(corpus, chance))]);
    case 6:
      return encoded(bytes.toString("utf8"), pick(["bom", "utf16le", "utf16be", "gzip"], chance));
    case 7:
      return Buffer.from(
        bytes
          .toString("latin1")
          .split("\n")
          .sort(() => chance() - 0.5)
          .join("\n"),
        "latin1",
      );
    case 8:
      return Buffer.from(
        bytes.toString("latin1").replaceAll(pick([",", ";", '"', "\n"], chance), pick(TOKENS, chance)),
        "latin1",
      );
    case 9:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.alloc(Math.floor(chance() ** 4 * 300_000), pick(TOKENS, chance)),
        bytes.subarray(at),
      ]);
    default:
      return Buffer.from(Array.from({ length }, () => Math.floor(chance() * 256)));
  }
}

function optionsFrom(chance) {
  if (chance() < 0.6) return ROSTER_DEFAULTS;
  return {
    ...ROSTER_DEFAULTS,
    encoding: pick(ROSTER_ENCODINGS, chance),
    delimiter: pick(["auto", "auto", ",", ";", "\t", "|"], chance),
    dates: { order: pick(["auto", "dmy", "mdy"], chance) },
    names: { tooLong: pick(["report", "shorten"], chance) },
    maxRecordBytes: pick([1024, 131_072], chance),
    columns: chance() < 0.3 ? { email: pick(["Email", "Work Email", "Mail", "Status"], chance) } : {},
    emailPattern: chance() < 0.3 ? pick(PATTERNS, chance) : null,
    emailLetters: pick(LETTERS, chance),
    exclude: chance() < 0.2 ? [{ column: "Status", in: ["Terminated"] }] : [],
  };
}

async function read(bytes, options) {
  writeFileSync(file, bytes);
  const reading = createRosterReader({ ...options, fingerprint }).open(file);
  const result = { rows: [], employees: [], refused: null, crash: null, summary: null, milliseconds: 0 };
  // Processor time: on a busy machine the clock says nothing.
  const began = process.cpuUsage();
  try {
    for await (const batch of reading.rows()) result.rows.push(...batch);
    result.summary = reading.summary();
  } catch (error) {
    if (error instanceof RosterRefused) result.refused = error.issues;
    else result.crash = error;
  }
  const { user, system } = process.cpuUsage(began);
  result.milliseconds = (user + system) / 1000;
  for (const row of result.rows) if (row.kind === "employee") result.employees.push(row.employee);
  return result;
}

/** What holds for every file. */
function judge({ rows, employees, refused, crash, summary, milliseconds }, bytes, seed) {
  const outcome = refused === null ? (crash === null ? "read" : "crash") : refused[0]?.code;
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (crash !== null) return finding(seed, bytes, `a crash: ${crash.stack ?? crash}`);
  if (milliseconds > SLOW_MS) finding(seed, bytes, `${Math.round(milliseconds)} ms for ${bytes.length} bytes`);
  for (const issue of [...(refused ?? []), ...rows.flatMap((row) => row.issues ?? []), ...(summary?.remarks ?? [])]) {
    if (!issue.message.endsWith(".") || issue.fix === "")
      finding(seed, bytes, `an issue without advice: ${issue.code}`);
    if (/\p{Cc}/u.test(issue.message)) finding(seed, bytes, `a control character in a message: ${issue.code}`);
  }
  for (const { key, line, emailHash, profile } of employees) {
    const { email, firstName, lastName } = profile;
    for (const name of [firstName, lastName]) {
      const length = Array.from(name).length;
      if (length < 1 || length > 32 || name.trim() !== name || /[\p{Cc}\uFFFD]/u.test(name))
        finding(seed, bytes, "a bad name");
    }
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) || /[\p{Cc}\uFFFD]/u.test(email))
      finding(seed, bytes, "a bad address");
    if (key === "" || emailHash === "" || !(line > 0)) finding(seed, bytes, "a person without key or line");
  }
  const lines = rows.map((row) => (row.kind === "employee" ? row.employee.line : row.line));
  for (const [at, line] of lines.entries())
    if (at > 0 && line <= lines[at - 1]) return finding(seed, bytes, "lines out of order");
  if (summary === null) return;
  const { employees: people, outOfScope, unreadable, lastLine, columns } = summary;
  if (people + outOfScope + unreadable !== rows.length || summary.rows !== rows.length)
    finding(seed, bytes, "wrong counts");
  if (lines.length > 0 && lines.at(-1) > lastLine) finding(seed, bytes, "a row below the last line");
  if (columns.some((column) => column.filled > rows.length)) finding(seed, bytes, "more values than rows");
}

function finding(seed, bytes, what) {
  findings += 1;
  const kept = join(tmpdir(), `roster-fuzz-${seed}.bin`);
  writeFileSync(kept, bytes);
  console.log(`seed ${seed} (${kept}): ${what}`);
}

function pick(list, chance) {
  return list[Math.floor(chance() * list.length)];
}

function shuffled(list, chance) {
  const rest = [...list];
  return list.map(() => rest.splice(Math.floor(chance() * rest.length), 1)[0]);
}

/** The same numbers for the same seed (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const end = Date.now() + seconds * 1000;
for (let seed = firstSeed; Date.now() < end; seed += 1) {
  const chance = randomFrom(seed);
  const kind = chance();
  await (kind < 0.3 ? tryKnown(chance, seed) : kind < 0.5 ? tryPattern(chance, seed) : tryAny(chance, seed));
  cases += 1;
}
rmSync(folder, { recursive: true });
console.log(`${cases} files from seed ${firstSeed}, ${findings} findings`);
for (const [outcome, count] of [...outcomes].sort((a, b) => b[1] - a[1]))
  console.log(`${String(count).padStart(8)}  ${outcome}`);
process.exitCode = findings > 0 ? 1 : 0;
