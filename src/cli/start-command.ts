// `start`: the daemon, until a signal stops it.

import { setTimeout as delay } from "node:timers/promises";
import { startDaemon } from "../daemon.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { OtherLedger } from "../domain/other-ledger.ts";
import { createLog } from "../log.ts";
import { type DaemonRole, ROLES } from "../store/presence.ts";
import { type GlobalOptions, readConfig } from "./session.ts";
import { stopSignal } from "./stop-signal.ts";
import { UsageError } from "./usage-error.ts";

/** A supervisor kills what takes longer than ten seconds. */
const CLOSE_WITHIN_MS = 9_500;

export async function startCommand(options: GlobalOptions & { readonly role?: readonly string[] }): Promise<ExitCode> {
  const roles = readRoles(options.role ?? ["all"]);
  const { config, remarks } = readConfig(options, ["tallyfy"], roles.includes("web"));
  const log = createLog(config.logLevel);
  for (const { name, fix } of remarks)
    log.warn({ variable: name, fix }, "a variable is ignored: there is none of this name");
  const stopped = stopSignal();
  const daemon = await startDaemon(config, roles, log);
  const end = await Promise.race([stopped, daemon.ledgerLost]);
  if (end instanceof OtherLedger) log.error({ reason: end.message }, "stopping: Redis lost the ledger");
  else log.info({ signal: end }, "stopping: finishing what is under way");
  const inTime = await Promise.race([daemon.close().then(() => true), delay(CLOSE_WITHIN_MS, false)]);
  if (inTime) log.info({}, "stopped");
  else log.warn({}, "stopped before everything was closed; the next start finds what is left");
  return end instanceof OtherLedger ? EXIT.configuration : EXIT.done;
}

export function readRoles(names: readonly string[]): readonly DaemonRole[] {
  if (names.includes("all")) return ROLES;
  const unknown = names.filter((name) => !ROLES.some((role) => role === name));
  if (unknown.length > 0)
    throw new UsageError(`There is no role ${unknown.join(", ")}. Roles are: all, ${ROLES.join(", ")}.`);
  return ROLES.filter((role) => names.includes(role));
}
