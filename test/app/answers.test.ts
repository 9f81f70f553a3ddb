// The rows of an answer file: everybody who is to hear something, in file order, each with a reason in a sentence.

import { expect, test } from "vitest";
import { answerRows, reasonOf } from "../../src/app/answers.ts";
import type { RunStore } from "../../src/app/ports.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import { changeOf, MARK, person } from "../support/people.ts";

const A = "20260601-080000-aaaaaa";

type Source = Pick<RunStore, "changes" | "skips" | "adoptions">;

async function* pages<T>(...items: T[]): AsyncGenerator<readonly T[]> {
  for (const item of items) yield [item];
}

function source(fields: Partial<Source>): Source {
  return {
    changes: () => pages(),
    skips: () => pages(),
    adoptions: () => pages(),
    ...fields,
  };
}

async function rowsOf(fields: Partial<Source>, wasReleased = true) {
  const rows = [];
  for await (const row of answerRows({ runId: A, wasReleased }, source(fields))) rows.push(row);
  return rows;
}

const APPLIED: Outcome = { status: "applied", accountId: 5 };

test("everybody is there once, in the order of the file", async () => {
  const rows = await rowsOf({
    changes: () => pages({ key: "E0003", line: 9, outcome: APPLIED }, { key: "E0001", line: 10, outcome: null }),
    skips: () =>
      pages(
        { key: "E0002", situation: "future", because: "Starts later.", line: 2 },
        { key: null, situation: "unreadable", because: "No address.", line: 12 },
      ),
    adoptions: () => pages({ key: "E0004", emailHash: "h", accountId: 4, line: 3 }),
  });
  expect(rows.map((row) => [row.line, row.key, row.outcome])).toEqual([
    [2, "E0002", "future"],
    [3, "E0004", "adopted"],
    [9, "E0003", "applied"],
    [10, "E0001", "planned"],
    [12, null, "unreadable"],
  ]);
});

test("while a run is held, nobody is said to be adopted", async () => {
  const adoptions = () => pages({ key: "E0004", emailHash: "h", accountId: 4, line: 3 });
  const [row] = await rowsOf({ adoptions }, false);
  expect(row).toMatchObject({ outcome: "planned", reason: expect.stringContaining("when the run is released") });
});

test("several rows with one key are several rows", async () => {
  const skip = { key: "E0001", situation: "duplicate", because: "Twice.", line: 2 } as const;
  expect(await rowsOf({ skips: () => pages(skip, { ...skip, line: 3 }) })).toHaveLength(2);
});

test("no row has a name or an address", async () => {
  const { key, line } = changeOf(person(1));
  const rows = await rowsOf({ changes: () => pages({ key, line, outcome: null }) });
  expect(JSON.stringify(rows)).not.toContain(MARK);
});

test.each([
  [{ status: "applied", accountId: 5 }, "Created in Tallyfy as user 5."],
  [{ status: "applied", accountId: null }, "Created in Tallyfy."],
  [{ status: "already", accountId: 5, message: "It was there." }, "It was there."],
  [{ status: "stale", message: "A newer roster took over." }, "A newer roster took over."],
  [{ status: "rejected", code: "HTTP_422", message: "Tallyfy refuses it." }, "HTTP_422: Tallyfy refuses it."],
  [
    { status: "exhausted", attempts: 5, message: "Tallyfy did not answer." },
    "Gave up after 5 attempts; the next nightly run tries again. Tallyfy did not answer.",
  ],
] as const satisfies readonly (readonly [Outcome, string])[])("%o reads as a sentence", (outcome, sentence) => {
  expect(reasonOf(outcome)).toBe(sentence);
});
