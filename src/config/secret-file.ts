// Reads a secret from the file that NAME_FILE names. The secret never gets into a message.

import { readFileSync, realpathSync, statSync } from "node:fs";

const OTHERS_MAY_READ = 0o004;

/** The secret file cannot be used. The message completes "The file ... ". */
export class SecretFileError extends Error {
  override readonly name = "SecretFileError";
}

/**
 * The file's text without its last line break. Refused where every account of the machine may read it. A group may: that is
 * how a service account is given access. Under /run/secrets it is the container that keeps others out (Docker and Podman mount
 * secrets there with mode 0444), so nothing is asked there.
 * @throws SecretFileError
 */
export function readSecretFile(path: string): string {
  const text = readChecked(path).replace(/\r?\n$/, "");
  if (text === "") throw new SecretFileError("is empty");
  return text;
}

function readChecked(path: string): string {
  try {
    if (isReadByOthers(path)) throw new SecretFileError("may be read by every account of this machine");
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof SecretFileError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new SecretFileError(code === "ENOENT" ? "does not exist" : `cannot be read (${code})`);
  }
}

/** Whether every account of this machine may read a file. @throws Error of the file system */
export function isReadByOthers(path: string): boolean {
  if (process.platform === "win32") return false; // Its mode says nothing.
  const real = realpathSync(path);
  if (/^(\/var)?\/run\/secrets\//.test(real)) return false;
  return (statSync(real).mode & OTHERS_MAY_READ) !== 0;
}
