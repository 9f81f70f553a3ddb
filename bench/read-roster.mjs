// How fast a roster is read, as a ratio to bare csv-parse on the same file in the same run, and the peak of memory.
// `npm run build && node bench/read-roster.mjs [rows] [iso|mdy]`: each side runs in a process of its own.

import { fork } from "node:child_process";
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";

const [mode, path] = process.argv[2] === "side" ? process.argv.slice(3) : [null, null];

if (mode !== null) {
  const started = performance.now();
  const rows = mode === "bare" ? await bare(path) : await ours(path);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage();
  process.send({
    mode,
    rows,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  });
} else {
  const count = Number(process.argv[2] ?? 100_000);
  const folder = mkdtempSync(join(tmpdir(), "roster-bench-"));
  try {
    const file = join(folder, "roster.csv");
    await writeRoster(file, count, process.argv[3] ?? "iso");
    const results = {};
    for (const side of ["bare", "ours", "bare", "ours"]) {
      const result = await measure(side, file);
      console.log(
        `${side}: ${result.rows} rows in ${result.seconds.toFixed(2)} s (${result.cpuSeconds.toFixed(2)} s of processor time), ` +
          `${Math.round(result.rows / result.seconds)} rows/s, peak ${Math.round(result.peakMegabytes)} MB`,
      );
      const best = results[side] ?? { seconds: Number.POSITIVE_INFINITY, cpuSeconds: Number.POSITIVE_INFINITY };
      results[side] = {
        seconds: Math.min(best.seconds, result.seconds),
        cpuSeconds: Math.min(best.cpuSeconds, result.cpuSeconds),
      };
    }
    console.log(
      `reading, mapping and validating takes ${(results.ours.seconds / results.bare.seconds).toFixed(2)} times bare csv-parse ` +
        `(${(results.ours.cpuSeconds / results.bare.cpuSeconds).toFixed(2)} times its processor time, which other work does not disturb)`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function letters(number) {
  return String(number).replace(/\d/g, (digit) => "aeioulmnrs"[digit]);
}

function measure(side, file) {
  return new Promise((resolve, reject) => {
    const child = fork(new URL(import.meta.url), ["side", side, file]);
    child.once("message", resolve);
    child.once("error", reject);
  });
}

async function bare(file) {
  let rows = 0;
  for await (const _ of createReadStream(file).pipe(parse({ columns: true }))) rows += 1;
  return rows;
}

async function ours(file) {
  const { createRosterReader } = await import("../dist/roster/reader.js");
  const { ROSTER_DEFAULTS } = await import("../dist/domain/roster-options.js");
  const { fingerprintFor } = await import("../dist/store/keys.js");
  const reading = createRosterReader({ ...ROSTER_DEFAULTS, fingerprint: fingerprintFor("bench") }).open(file);
  let rows = 0;
  for await (const batch of reading.rows()) rows += batch.length;
  if (reading.summary().employees !== rows) throw new Error("a row of the benchmark could not be read");
  return rows;
}

async function writeRoster(file, count, dates) {
  async function* lines() {
    yield "Employee ID,First Name,Last Name,Work Email,Department,Job Title,Location,Manager,Status,Start Date,Time Zone\n";
    for (let index = 0; index < count; index += 1) {
      const month = String((index % 12) + 1).padStart(2, "0");
      const day = String((index % 28) + 1).padStart(2, "0");
      const date = dates === "mdy" ? `${month}/${day}/2021` : `2021-${month}-${day}`;
      const id = String(index).padStart(7, "0");
      const first = `Gw${letters(index % 997)}`;
      const last = `van der Häus${letters(index % 499)}`;
      yield `E${id},${first},${last},p${id}@corp.example,"Sales, ${index % 40}",Analyst,Site ${index % 70},E${String(index % 900).padStart(7, "0")},Active,${date},Europe/Berlin\n`;
    }
  }
  await pipeline(lines, createWriteStream(file));
}
