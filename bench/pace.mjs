// `npm run build && node bench/pace.mjs [--people=2000] [--limit=50] [--only=sliding,told,headers,3,ours]`: the built program against
// a sandbox whose limit it does not know, in real time, beside three usual ways. Also `npm run bench pace`.
//
// First run: that many people with nothing learned. Second run: as many more, with what the first one learned. Of each run:
//   share    creates after the first window ÷ what the limit admits in that time. The first window is the limit's window, from the
//            first create on; that time goes from its end to the last create. 100 % is what a limiter lets through at most.
//   refused  answers of 429 for each 100 people created.
//   early    requests that came before a Retry-After was over; those on their way when it was told are among them.
// The pace starts at four times the limit and may go to eight times: all that is known is an order of magnitude.
// The usual ways know nothing between runs, so they run once; the three run at the same time, each against a sandbox of its own.

import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { withWorkers } from "./daemons.mjs";
import { inOwnProcess } from "./measured.mjs";
import { writeRoster } from "./rosters.mjs";
import { withLimitedSandbox } from "./sides/pace-sandbox.mjs";

const WINDOW_MS = 1000;
const USUAL_WAYS = { bullmq: "BullMQ worker, pauses on 429", retries: "ten at once, retries", serial: "serial loop" };

/** Share, refusals and early requests of the creates that `before` did not have yet. */
function figures(before, after, limit) {
  const times = after.createdMs.slice(before.createdMs.length);
  const fromMs = times[0] + WINDOW_MS;
  const used = times.filter((ms) => ms > fromMs).length;
  return {
    share: (100 * used * WINDOW_MS) / (limit * (times.at(-1) - fromMs)),
    refused: (100 * (after.refused - before.refused)) / times.length,
    early: after.early - before.early,
    seconds: (times.at(-1) - times[0]) / 1000,
  };
}

async function* ours(people, limit, rate, processes) {
  const folder = mkdtempSync(join(tmpdir(), "roster-sync-pace-"));
  try {
    yield* await withLimitedSandbox(rate, async (sandbox) => {
      const dataDir = join(folder, "data");
      const env = {
        RATE_PER_SECOND: String(4 * limit),
        RATE_MAX_PER_SECOND: String(8 * limit),
        RATE_SHARE_PERCENT: "100",
        HOURLY_BUDGET: "10000000",
        LIMITS_CREATE_COUNT: "1000000",
        TRUST_ROWS_MORE_PERCENT: "100000",
        INBOX_SETTLE_MS: "200",
        WORKER_CONCURRENCY: "24",
      };
      return withWorkers(dataDir, sandbox, env, processes, async () => {
        const rows = [];
        let before = { createdMs: [], refused: 0, early: 0 };
        for (const run of ["first", "second"]) {
          const total = before.createdMs.length + people;
          const file = join(folder, `${run}.csv`);
          await writeRoster(file, total);
          renameSync(file, join(dataDir, "inbox", `${run}.csv`));
          const after = await sandbox.until(total);
          rows.push({
            way: `Roster Sync, ${processes} ${processes === 1 ? "process" : "processes"}`,
            run,
            ...figures(before, after, limit),
          });
          before = after;
          await delay(3000);
        }
        return rows;
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function usualWays(people, limit, rate, names) {
  const nothing = { createdMs: [], refused: 0, early: 0 };
  return Promise.all(
    names.map((name) =>
      withLimitedSandbox(rate, async (sandbox) => {
        const { counts, until, ...where } = sandbox;
        await inOwnProcess("pace-usual-ways.mjs", name, where, people);
        return { way: USUAL_WAYS[name], run: "only", ...figures(nothing, await sandbox.until(people), limit) };
      }),
    ),
  );
}

export async function paceTable(words, print = console.log) {
  const option = (name, fallback) =>
    words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback;
  const people = Number(option("people", 2000));
  const limit = Number(option("limit", 50));
  const only = option("only", "")
    .split(",")
    .filter((word) => word !== "");
  const isIn = (...names) =>
    names.some((name) => only.includes(name)) ||
    !only.some((word) => ALTERNATIVES.some((all) => all.includes(word) && all.some((each) => names.includes(each))));

  print(`| limit: ${limit}/s | Retry-After | headers | way | run | share % | refused per 100 | early | seconds |`);
  print("|---|---|---|---|---|---:|---:|---:|---:|");
  for (const kind of ["fixed", "sliding"].filter((each) => isIn(each))) {
    for (const told of [true, false].filter((each) => isIn(each ? "told" : "untold"))) {
      const tell = (headers) => (row) => {
        const { way, run, share, refused, early, seconds } = row;
        const cells = [
          kind,
          told ? "seconds" : "none",
          headers,
          way,
          run,
          share.toFixed(1),
          refused.toFixed(2),
          early,
          seconds.toFixed(1),
        ];
        print(`| ${cells.join(" | ")} |`);
      };
      const rate = { max: limit, windowMs: WINDOW_MS, kind, retryAfter: told ? "seconds" : "none", scope: "org" };
      for (const headers of [true, false].filter((each) => isIn(each ? "headers" : "bare"))) {
        for (const processes of [1, 3].filter((each) => isIn(String(each)))) {
          if (!isIn("ours")) continue;
          for await (const row of ours(people, limit, { ...rate, headers }, processes))
            tell(headers ? "yes" : "none")(row);
        }
      }
      const ways = Object.keys(USUAL_WAYS).filter((each) => isIn(each));
      for (const row of await usualWays(people, limit, { ...rate, headers: false }, ways)) tell("ignored")(row);
    }
  }
}

const ALTERNATIVES = [
  ["fixed", "sliding"],
  ["told", "untold"],
  ["headers", "bare"],
  ["1", "3"],
  ["ours", ...Object.keys(USUAL_WAYS)],
];

if (import.meta.url === pathToFileURL(process.argv[1]).href) await paceTable(process.argv.slice(2));
