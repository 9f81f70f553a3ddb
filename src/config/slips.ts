// Variables that somebody meant for this program, and misspelt. A slip that would leave an option unset is a problem; whatever else looks
// like ours is remarked on and ignored, since the environment belongs to others, too.

import type { Environment } from "./layer.ts";
import { nearest, type Problem } from "./problem.ts";
import { OPTIONS } from "./schema.ts";

/** Read by scripts/, not by the program. */
const OTHER_NAMES = ["ROSTER_SYNC_NO_INSTALL"];
/** A name that differs by more than this is somebody else's. */
const SLIP_LETTERS = 2;
/** Of a name that does not even begin as ours do: shorter ones (HOST, PORT) are like too many others. */
const STRAY_NAME_LENGTH = 8;
const STRAY_LETTERS = 1;
/** Begin the names of other programs as well: what else is called so is not our business. */
const COMMON_PREFIXES = new Set(["DATA_", "LOG_", "RATE_", "REDIS_", "RETRY_", "TALLYFY_", "TOKEN_", "WORKER_"]);
/** What Kubernetes sets for every service of a namespace, such as one called `roster-sync`. */
const OF_KUBERNETES = /_SERVICE_(HOST|PORT)(_\w+)?$|_PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?$/;

const KNOWN = OPTIONS.flatMap(({ env, isSecret }) => (isSecret ? [env, `${env}_FILE`] : [env]));
const PREFIXES = new Set(KNOWN.filter((name) => name.includes("_")).map(prefixOf));

/** Names that look like ours with a slip of the hand, and NAME_FILE for what is no secret. Anything else is not our business. */
export function slips(env: Environment): Problem[] {
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(env)) {
    const prefix = prefixOf(name);
    if (value === undefined || !PREFIXES.has(prefix) || KNOWN.includes(name) || OTHER_NAMES.includes(name)) continue;
    const withoutFile = name.replace(/_FILE$/, "");
    if (withoutFile !== name && KNOWN.includes(withoutFile)) {
      problems.push({ name, message: "Only secrets are read from a file.", fix: `Set ${withoutFile} itself.` });
      continue;
    }
    const near = nearest(name, KNOWN, SLIP_LETTERS);
    // Where the right name is set too, the other one has a purpose of its own.
    if (near === null || (env[near] ?? "") !== "") continue;
    problems.push({ name, message: "There is no such variable.", fix: `Did you mean ${near}?` });
  }
  return problems;
}

/** Names that are ignored although they look like ours, and that are no problem, each with what may have been meant. */
export function strangers(env: Environment): Problem[] {
  const remarks: Problem[] = [];
  for (const [name, value] of Object.entries(env)) {
    if ((value ?? "") === "" || KNOWN.includes(name) || OTHER_NAMES.includes(name)) continue;
    const prefix = prefixOf(name);
    const hasPrefix = PREFIXES.has(prefix) && !OF_KUBERNETES.test(name);
    const near = nearest(name, KNOWN, hasPrefix ? SLIP_LETTERS : STRAY_LETTERS);
    const isNear = near !== null && (hasPrefix || near.length >= STRAY_NAME_LENGTH);
    const longer = hasPrefix ? OPTIONS.map(({ env }) => env).filter((known) => known.startsWith(name)) : [];
    const meant = isNear ? [near] : longer;
    if (meant.length === 0 && !(hasPrefix && !COMMON_PREFIXES.has(prefix))) continue;
    const fix = meant.length > 0 ? `Did you mean ${meant.join(" or ")}?` : "`roster-sync config` shows every variable.";
    remarks.push({ name, message: "There is no such variable, and it is ignored.", fix });
  }
  return remarks;
}

/** Up to the first underscore, with it; empty where there is none. */
function prefixOf(name: string): string {
  return name.slice(0, name.indexOf("_") + 1);
}
