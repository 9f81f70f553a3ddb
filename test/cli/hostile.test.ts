// Texts of other people on the administrator's terminal: names of files, addresses and titles in Tallyfy may hold commands to it.

import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { say } from "../../src/cli/output.ts";
import { printable } from "../../src/domain/quoting.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

function printed(text: string): string {
  let written = "";
  vi.spyOn(process.stdout, "write").mockImplementation((piece) => {
    written += String(piece);
    return true;
  });
  say(text);
  vi.restoreAllMocks();
  return written;
}

test.each([
  ["colours and hidden text", "\u001b[8mhidden\u001b[0m"],
  ["a new window title", "\u001b]0;pwned\u0007"],
  ["the clipboard", "\u001b]52;c;cHduZWQ=\u0007"],
  ["the same in one byte", "\u009b2J\u009d0;x\u009c"],
  ["a line over the one before", "created\rdeleted"],
  ["backspaces", "safe\b\b\b\bevil"],
  ["writing from right to left", "\u202egnp.exe"],
])("%s command nothing", (_what, text) => {
  expect(printed(`user 17  ${text}`)).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
});

test("everything else is printed as it is", () => {
  expect(printed("Zoë\t张三 👩‍👧\nline two")).toBe("Zoë\t张三 👩‍👧\nline two\n");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
      expect(printable(text)).toBe(text);
      expect(printable(printable(text))).toBe(printable(text));
    }),
  );
});
