// A log that keeps its lines, for tests that look at what was said.

import type { Log } from "../../src/app/ports.ts";

export interface Line {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export function keepLog(): { readonly log: Log; readonly lines: Line[] } {
  const lines: Line[] = [];
  function at(level: Line["level"]) {
    return (fields: object, message: string) => void lines.push({ level, message, fields: { ...fields } });
  }
  return { lines, log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
}
