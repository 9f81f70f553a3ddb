// Whose a data folder is, and what somebody is told who may not work in it. A folder in use is never to be given away: the daemon would
// lose it, and an administrator who types a command beside it has only to type it as the daemon's user.

import { access, readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { errorCode } from "./durable.ts";

const ROOT = 0;

export interface Forbidden {
  /** What is wrong. */
  readonly what: string;
  /** What to do. */
  readonly fix: string;
}

/**
 * @param path the data folder, or one of its folders
 * @param root the data folder
 * @param mark a file that a data folder in use has
 */
export async function whyForbidden(path: string, root: string, mark: string): Promise<Forbidden> {
  const user = userName();
  const own = process.geteuid?.() ?? null;
  const [owner, ownerOfPath] = await Promise.all([ownerOf(root), ownerOf(path)]);
  const what = `does not let ${user} create and rename files`;
  if (owner === null) {
    const fix =
      "A folder above it is closed: run this as the user that the daemon runs as, or set DATA_DIR to another folder.";
    return { what: `cannot be reached by ${user}`, fix };
  }
  if (ownerOfPath === own) return { what, fix: `It is this user's own: chmod u+rwx ${JSON.stringify(path)}` };
  const give = `sudo chown ${user} ${JSON.stringify(path)}`;
  const use = owner === own ? "never" : await useOf(mark);
  if (use === "never") {
    const fix = `Give the user that runs Roster Sync the right to write there, for example: ${give}`;
    return { what, fix };
  }
  const name = await nameOf(owner);
  const as = name ?? `#${owner}`;
  // Whoever starts for the first time may have made it as root.
  const unless = owner === ROOT && use === "unknown" ? ` Only if no daemon ever worked in it: ${give}` : "";
  return {
    what: `belongs to ${name ?? `the user ${owner}`} and ${what}`,
    fix:
      `Commands are typed as the user of the daemon: with sudo -u ${as.replace("#", "\\#")} and the daemon's environment, or beside systemd ` +
      `and in a container as the README says. The folder stays whose it is, or the daemon loses it.${unless}`,
  };
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.() ?? "this user");
  }
}

/** Null: nobody can tell. */
async function ownerOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ uid }) => uid,
    () => null,
  );
}

async function useOf(mark: string): Promise<"used" | "never" | "unknown"> {
  try {
    await access(mark);
    return "used";
  } catch (error) {
    return errorCode(error) === "ENOENT" ? "never" : "unknown";
  }
}

/** Null: the machine's own list does not have it. */
async function nameOf(uid: number): Promise<string | null> {
  const users = await readFile("/etc/passwd", "utf8").catch(() => "");
  const line = users.split("\n").find((each) => each.split(":")[2] === String(uid));
  return line?.split(":")[0] ?? null;
}
