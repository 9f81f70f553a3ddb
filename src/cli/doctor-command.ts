// `doctor`: everything that a start needs, looked at all at once. Each line says what was found; a cross says what to do.

import { lookAtLedger } from "../app/same-ledger.ts";
import { type Assembly, assemble } from "../assembly.ts";
import type { Config } from "../config/config.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { inboxProblems } from "../domain/stuck-files.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import { checkDataFolder, isUntouched, whyNotMade } from "../inbox/data-folder.ts";
import { addressFrom } from "../store/address.ts";
import { inspectRedis } from "../store/inspect-redis.ts";
import { alive, type Heard, intakesOf, isOverdue, SILENT_MS } from "../store/presence.ts";
import type { TallyfyClient } from "../tallyfy/client.ts";
import { failureOf } from "./failure.ts";
import { say } from "./output.ts";
import { haltText } from "./report-text.ts";
import { commandLog, type GlobalOptions, inPassingFolder, readConfig } from "./session.ts";

/** Beyond this a token may look expired, or not yet valid, too early. */
const CLOCK_SKEW_MS = 30_000;

interface Finding {
  readonly subject: string;
  readonly verdict: "ok" | "warning" | "wrong";
  readonly text: string;
  readonly exitCode: ExitCode;
}

export async function doctorCommand(options: GlobalOptions): Promise<ExitCode> {
  const findings: Finding[] = [];
  let config: Config | null = null;
  try {
    const read = readConfig(options, ["tallyfy"], true);
    config = read.config;
    findings.push(ok("configuration", "complete and valid"));
    for (const { name, message, fix } of read.remarks)
      findings.push({
        subject: "environment",
        verdict: "warning",
        text: `${name}: ${message} ${fix}`,
        exitCode: EXIT.done,
      });
  } catch (error) {
    findings.push(wrong("configuration", error));
  }
  if (config !== null) {
    // What cannot be looked into is told of by the usual way.
    const isNew = await isUntouched(config.dataDir).catch(() => false);
    findings.push(await lookAtFolder(config, isNew));
    findings.push(
      ...(await (isNew
        ? inPassingFolder(config, (passing) => lookAtServices(passing, true))
        : lookAtServices(config, false))),
    );
  } else {
    findings.push({
      subject: "the rest",
      verdict: "warning",
      text: "not looked at: it needs a valid configuration",
      exitCode: EXIT.done,
    });
  }
  const marks = { ok: "ok     ", warning: "warning", wrong: "WRONG  " } as const;
  for (const { subject, verdict, text } of findings) {
    say(`${marks[verdict]}  ${subject.padEnd(16)}${text.replaceAll("\n", `\n${" ".repeat(25)}`)}`);
  }
  const worst = findings.find((finding) => finding.verdict === "wrong");
  say(
    worst === undefined
      ? "All is well enough to start."
      : "Correct what is marked WRONG, then run roster-sync doctor again.",
  );
  return worst?.exitCode ?? EXIT.done;
}

/** A folder that was never used is not made: the name may be mistyped, and `runs` says so for as long as it is untouched. */
async function lookAtFolder({ dataDir }: Config, isNew: boolean): Promise<Finding> {
  const problem = isNew ? await whyNotMade(dataDir) : null;
  if (isNew && problem === null) {
    const text = `${dataDir} was never used; the first start makes what is missing.\nIf a daemon ran already, it had another one: set DATA_DIR (or --config) as it has it.`;
    return { subject: "data folder", verdict: "warning", text, exitCode: EXIT.done };
  }
  const problems = problem === null ? await checkDataFolder(dataDir) : [problem];
  if (problems.length === 0) return ok("data folder", `${dataDir} can be written`);
  const text = problems.map(({ path, what, fix }) => `${path} ${what}. ${fix}`).join("\n");
  return { subject: "data folder", verdict: "wrong", text, exitCode: EXIT.configuration };
}

async function lookAtServices(config: Config, isPassing: boolean): Promise<Finding[]> {
  const findings: Finding[] = [];
  let assembly: Assembly;
  try {
    assembly = await assemble({ config, log: commandLog("warn") });
  } catch (error) {
    return [wrong("Redis", error), { ...notLookedAt("Tallyfy"), text: "not looked at: it needs Redis" }];
  }
  try {
    const { kind, version, persistence, evictionPolicy, masters, warnings } = await inspectRedis(assembly.redis);
    const shared = masters > 1 ? ` (${masters} masters)` : "";
    const isOwn = addressFrom(config.redis) === null;
    const where = isPassing && isOwn ? "its own, started for this look only" : assembly.redisDescription;
    const redis = `${kind} ${version}, ${where}${shared}; persistence ${persistence}, eviction ${evictionPolicy}`;
    findings.push(
      warnings.length === 0
        ? ok("Redis", redis)
        : { subject: "Redis", verdict: "warning", text: [redis, ...warnings].join("\n"), exitCode: EXIT.done },
    );
    const other = await lookAtLedger(assembly);
    if (other !== null) {
      // Whoever works in this folder is heard of in the other Redis.
      findings.push(wrong("ledger", other), {
        ...notLookedAt("intake"),
        text: "not looked at: it needs the ledger's Redis",
      });
    } else {
      const intakes = intakesOf(assembly.app.files.dataId, await alive(assembly.redis, assembly.keys));
      findings.push(lookAtIntakes(intakes), ...lookAtInbox(intakes));
    }
    findings.push(...(await lookAtHalt(assembly)));
    findings.push(...(await lookAtTallyfy(assembly.tallyfy)));
  } finally {
    await assembly.close();
  }
  return findings;
}

/** Without a token nothing else can be asked, and would only be refused for the same reason. */
async function lookAtTallyfy(tallyfy: TallyfyClient): Promise<Finding[]> {
  const token = await look("token", () => lookAtToken(tallyfy));
  const isRefused = token.some(({ verdict }) => verdict === "wrong");
  async function lookWithToken(subject: string, work: () => Promise<Finding[]>): Promise<Finding[]> {
    return isRefused ? [{ ...notLookedAt(subject), text: "not looked at: it needs a token" }] : look(subject, work);
  }

  const credentials = await lookWithToken("credentials", async () => {
    const refusal = await tallyfy.probe();
    if (refusal === null) return [ok("credentials", "accepted for this organisation")];
    return [{ subject: "credentials", verdict: "wrong", text: refusal.message, exitCode: EXIT.credentials }];
  });
  if (!tallyfy.canList) {
    const text =
      "no acting admin (TALLYFY_ADMIN_EMAIL): members cannot be listed, and addresses that are taken are believed";
    return [...token, ...credentials, { subject: "acting admin", verdict: "warning", text, exitCode: EXIT.done }];
  }
  const admin = await lookWithToken("acting admin", async () => {
    const { name } = await tallyfy.organisation();
    return [ok("acting admin", "may act"), ok("organisation", name ?? "found, without a name")];
  });
  return [...token, ...credentials, ...admin];
}

async function lookAtToken(tallyfy: TallyfyClient): Promise<Finding[]> {
  const { expiresInS, serverDateMs, latencyMs } = await tallyfy.checkToken();
  const token = ok("token", `granted for ${expiresInS} s in ${Math.round(latencyMs)} ms`);
  if (serverDateMs === null) return [token, { ...notLookedAt("clock"), text: "the server did not say its time" }];
  const skewMs = Date.now() - serverDateMs;
  const text = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? "behind" : "ahead of"} the server's`;
  const isFar = Math.abs(skewMs) > CLOCK_SKEW_MS;
  const advice = isFar ? `${text}: set this machine's clock (NTP)` : text;
  return [token, { subject: "clock", verdict: isFar ? "warning" : "ok", text: advice, exitCode: EXIT.done }];
}

/** Who takes files out of this folder at the moment. */
function lookAtIntakes(intakes: readonly Heard[]): Finding {
  const hosts = [...new Set(intakes.map(({ host }) => host))].join(", ");
  if (intakes.length === 0)
    return ok("intake", "no daemon that uses this Redis takes files out of this data folder at the moment");
  const silent = intakes.filter(isOverdue);
  const silence = silent.map(({ silentMs }) => `${Math.round(silentMs / 1000)} s`).join(", ");
  const doubt =
    silent.length === 0 ? "" : `; silent for ${silence}, so it may have died: look again in ${SILENT_MS / 1000} s`;
  if (intakes.length === 1) {
    const text = `one daemon takes files out of this data folder (on ${hosts})${doubt}`;
    return { subject: "intake", verdict: doubt === "" ? "ok" : "warning", text, exitCode: EXIT.done };
  }
  const text = `${intakes.length} daemons take files out of this data folder (on ${hosts}${doubt}); each file is taken by one of them. If that is not meant, stop one.`;
  return { subject: "intake", verdict: "warning", text, exitCode: EXIT.done };
}

/** What lies in the inbox and is not taken, as the daemon tells that serves it. */
function lookAtInbox(intakes: readonly Heard[]): Finding[] {
  return inboxProblems(intakes).map(({ what, doThis }) => {
    return { subject: "inbox", verdict: "warning", text: `${what} ${doThis}`, exitCode: EXIT.done };
  });
}

/** Whether people wait because Tallyfy refused everybody; nothing is said where it did not. */
async function lookAtHalt({ app }: Assembly): Promise<Finding[]> {
  const halt = await app.signals.halt();
  return halt === null ? [] : [{ subject: "halt", verdict: "warning", text: haltText(halt), exitCode: EXIT.done }];
}

async function look(subject: string, work: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TallyfyError) return [wrong(subject, error)];
    throw error;
  }
}

function ok(subject: string, text: string): Finding {
  return { subject, verdict: "ok", text, exitCode: EXIT.done };
}

function notLookedAt(subject: string): Finding {
  return { subject, verdict: "warning", text: "not looked at", exitCode: EXIT.done };
}

function wrong(subject: string, error: unknown): Finding {
  const { exitCode, text } = failureOf(error);
  return { subject, verdict: "wrong", text, exitCode };
}
