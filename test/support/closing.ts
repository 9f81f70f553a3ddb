// What tests open and must close again. Apart from program.ts, which runs outside of tests, too.

import { afterEach } from "vitest";
import type { Opened } from "./program.ts";

/** What each test of a file opens; it is closed when the test is over. */
export function closedAfterEach(): Opened {
  const opened: Opened = [];
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });
  return opened;
}
