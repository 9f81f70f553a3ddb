// Reading a roster: bare csv-parse, the bytes alone, and the program's runs on it.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { parse } from "csv-parse";
import { peakMegabytes, stopwatch } from "../measured.mjs";
import { openProgram } from "../places.mjs";
import { emailOf } from "../rosters.mjs";

export async function bareCsvParse(file) {
  const took = stopwatch();
  let rows = 0;
  for await (const _ of createReadStream(file).pipe(parse({ columns: true }))) rows += 1;
  return { rows, ...took() };
}

/** Reading a file and hashing it: the least that can tell whether it is the same as another. */
export async function bareHash(file) {
  const took = stopwatch();
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece);
  return { sha256: hash.digest("hex"), ...took() };
}

/** Tallyfy has all these people already, as the list of members would say. */
export async function knowEverybody(dataDir, count) {
  const { assembly, app } = await openProgram(dataDir);
  const { emailHashOf } = await import("../../dist/app/planning.js");
  async function* pages() {
    for (let start = 0; start < count; start += 1000) {
      yield Array.from({ length: Math.min(1000, count - start) }, (_, at) => ({
        emailHash: emailHashOf(emailOf(start + at), app.fingerprint),
        account: { accountId: start + at + 1, role: "standard", status: "active", isBot: false, isDefaultAdmin: false },
      }));
    }
  }
  await app.ledger.replaceAccounts(await app.ledger.beginListing(Date.now()), pages());
  await assembly.close();
  return {};
}

/**
 * One run, from its bell to the end of what the bell does. `planned`: the same until its plan was published; what follows is
 * its jobs.
 */
export async function run(dataDir, runId, file) {
  const { assembly, app } = await openProgram(dataDir);
  const { sync } = await import("../../dist/app/sync.js");
  const { closeRun } = await import("../../dist/app/carry-out.js");
  if (file !== null) await app.files.bring(file, runId);
  const { dataId } = app.files;
  let planned = null;
  const runs = {
    ...app.runs,
    async publish(...args) {
      const published = await app.runs.publish(...args);
      planned = { ...took(), peakMb: peakMegabytes() };
      return published;
    },
  };
  const bell =
    file === null
      ? { kind: "nightly", runId, dataId, due: new Date().toISOString() }
      : { kind: "roster", runId, dataId, trigger: "inbox", isForced: false };
  const took = stopwatch();
  await sync(bell, Date.now() + 3_600_000, { ...app, runs });
  const whole = took();
  const peakMb = peakMegabytes();
  // What the closing bell would do; answer files of everybody are written here.
  for (const closing of await app.runs.closing()) await closeRun(closing, 0, app);
  const { state, counts, because } = await app.runs.get(runId);
  await assembly.close();
  return { planned, ...whole, peakMb, closedPeakMb: peakMegabytes(), state, counts, because };
}
