// What reaches the log: fixed messages and fields; never an address, a name or a secret, not even from an error's own words.

import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { createLog, describeError, type LogLevel, maskAddresses } from "../src/log.ts";
import { tallyfyError } from "./support/failures.ts";
import { MARK } from "./support/people.ts";
import { freePort } from "./support/redis.ts";

const ADDRESS = `${MARK}@example.test`;

function logged(level: LogLevel = "info") {
  const lines: string[] = [];
  return { lines, log: createLog(level, { write: (line) => void lines.push(line) }) };
}

function only(lines: readonly string[]): Record<string, unknown> {
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "null") as Record<string, unknown>;
}

test("a line is one JSON object with level word, moment, process, message and fields", () => {
  const { lines, log } = logged();
  log.info({ run: "20260601-080000-aaaaaa", key: "E1" }, "settled a person");
  const line = only(lines);
  expect(line).toMatchObject({
    level: "info",
    pid: process.pid,
    msg: "settled a person",
    run: "20260601-080000-aaaaaa",
    key: "E1",
  });
  expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("lines below the level are not written", () => {
  const { lines, log } = logged("warn");
  log.info({}, "not this");
  log.warn({}, "this");
  expect(only(lines).msg).toBe("this");
});

test.each(["email", "firstName", "lastName", "token", "password", "secret", "clientSecret", "authorization"])(
  "a field called %s is hidden, on top and one level below",
  (field) => {
    const { lines, log } = logged();
    log.info({ [field]: ADDRESS, after: { [field]: ADDRESS }, key: "E1" }, "a slip");
    expect(lines.join("")).not.toContain(MARK);
    expect(only(lines)).toMatchObject({ [field]: "[hidden]", after: { [field]: "[hidden]" }, key: "E1" });
  },
);

class QuotingError extends Error {
  override readonly name = "QuotingError";
  readonly code = "CSV_QUOTED";
}

test.each([
  ["an error of ours", new Error(`cannot read ${ADDRESS}`)],
  ["an error with a cause", new Error("outer", { cause: new Error(`inner ${ADDRESS}`) })],
  ["a library's error with a code", new QuotingError(`Invalid record: ${MARK};Mc${MARK}`)],
  ["an error of Node with a code", nodeError()],
  ["a failure of Tallyfy", tallyfyError({ message: `somebody forgot: ${ADDRESS}` })],
  ["many errors in one", new AggregateError([new Error(ADDRESS)], ADDRESS)],
  ["something thrown that is no error", ADDRESS],
])("no address or name from %s reaches the output", (_, error) => {
  const { lines, log } = logged();
  log.error({ err: error }, "it broke");
  expect(lines.join("")).not.toContain(MARK);
  expect(only(lines).err).toHaveProperty("type");
});

function nodeError(): unknown {
  try {
    return new URL(`http://[${MARK}`);
  } catch (error) {
    return error;
  }
}

test("an error is told by its kind, its code and where it came from", () => {
  const { lines, log } = logged();
  log.error({ err: new QuotingError("anything") }, "it broke");
  const err = only(lines).err as { type: string; code: string; at: string[] };
  expect(err).toMatchObject({ type: "QuotingError", code: "CSV_QUOTED" });
  expect(err.at[0]).toContain("log.test.ts");
});

test("the system's own words are kept, for they say which file or port it was", async () => {
  const missing = await readFile("/nowhere/monday.csv").catch((error: unknown) => error);
  expect(describeError(missing)).toMatchObject({
    code: "ENOENT",
    message: expect.stringContaining("/nowhere/monday.csv"),
  });
  const port = await freePort();
  const refused = await new Promise((resolve) => connect(port, "127.0.0.1").on("error", resolve));
  expect(describeError(refused)).toMatchObject({ code: "ECONNREFUSED", message: expect.stringContaining(`${port}`) });
});

test("a file that is called like an address is named without it", async () => {
  const missing = await readFile(`/nowhere/${ADDRESS}.csv`).catch((error: unknown) => error);
  expect(JSON.stringify(describeError(missing))).not.toContain(MARK);
});

test("errors that name each other as causes come to an end", () => {
  const one = new Error("one");
  one.cause = new Error("two", { cause: one });
  expect(JSON.stringify(describeError(one)).length).toBeLessThan(20_000);
});

test.each([
  ["mail to a.b+c@example.test, please", "mail to [address], please"],
  ["<a@b.test>;(c@d.test)", "<[address]>;([address])"],
  ["ä.ö@bücher.test", "[address]"],
  ["no address at all", "no address at all"],
])("%j reads as %j", (text, expected) => {
  expect(maskAddresses(text)).toBe(expected);
});
