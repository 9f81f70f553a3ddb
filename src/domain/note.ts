// How the parts of a row report what is wrong: one issue, on the row's line.

import type { Setting } from "./employee.ts";
import type { Place } from "./mapping.ts";

/** Adds an issue to the row being read. `place`: its column, where it concerns one. */
export type Note = (place: Place | undefined, code: string, message: string, fix: string, setting?: Setting) => void;
