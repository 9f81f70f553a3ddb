// The log: JSON lines on standard output, readable ones on a terminal. Fixed messages with data as fields; person keys,
// never names or addresses. Lines are written at once: a killed process has said everything it knew.

import { type DestinationStream, destination, type Logger, pino } from "pino";
import { build } from "pino-pretty";

export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** Keys under which nothing is ever printed, should one get into a field by mistake. */
const NEVER = ["email", "firstName", "lastName", "token", "password", "secret", "clientSecret", "authorization"];

/** @param to where lines go; by default standard output, made readable when that is a terminal */
export function createLog(level: LogLevel, to?: DestinationStream): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: NEVER.flatMap((key) => [key, `*.${key}`]), censor: "[hidden]" },
    serializers: { err: describeError },
  };
  return pino(options, to ?? standardOutput());
}

function standardOutput(): DestinationStream {
  if (!process.stdout.isTTY) return destination({ fd: 1, sync: true });
  return build({ sync: true, ignore: "pid", translateTime: "SYS:HH:MM:ss" });
}

/** An error without what it may quote: its kind, its code, and where it came from. Its own words only where the system spoke them. */
export function describeError(error: unknown, depth = 4): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  const at = (error.stack ?? "")
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .slice(0, 8)
    .map((line) => line.trim());
  // Libraries have codes, too, and some of their messages quote the value that they choked on.
  const isOfSystem = "syscall" in error || code?.startsWith("UND_ERR_") === true;
  const words = isOfSystem ? { message: maskAddresses(error.message) } : {};
  const cause = error.cause === undefined || depth === 0 ? {} : { cause: describeError(error.cause, depth - 1) };
  return { type: error.name, ...(code === null ? {} : { code }), ...words, at, ...cause };
}

/** Hides anything that looks like an e-mail address. */
export function maskAddresses(text: string): string {
  return text.replaceAll(/[^\s"'<>(),;:]+@[^\s"'<>(),;:]+/g, "[address]");
}
