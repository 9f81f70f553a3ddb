// One job, every branch: what is made, what is concluded from each failure, and what is written down.

import { describe, expect, test } from "vitest";
import { provision } from "../../src/app/provision.ts";
import { HOURLY_BUDGET_USED } from "../../src/domain/reaction.ts";
import { tallyfyError } from "../support/failures.ts";
import { FORBIDDEN, memberFrom, NO_ANSWER, NOT_SENT, REFUSED } from "../support/fakes.ts";
import { entryOf, MARK } from "../support/people.ts";
import { all, KEYS, redisForTests } from "../support/store.ts";
import { makeWorld, rosterOf, START, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const [ADA, BOB] = [someone(1), someone(2)];
const A = "20260601-080000-aaaaaa";
const JOB = { runId: A, key: ADA.key, op: "create" } as const;
const FIRST = { jobId: "job 1", number: 1, isLast: false };
const LAST = { ...FIRST, number: 3, isLast: true };
const TAKEN = tallyfyError({ kind: "conflict", status: 409, code: "EMAIL_TAKEN" });
const INVALID = tallyfyError({
  kind: "invalid",
  status: 422,
  fields: ["last_name"],
  message: "Tallyfy refuses last_name.",
});
const UNNAMED = tallyfyError({ kind: "invalid", status: 400, message: "This organisation is suspended." });
const NOT_FOUND_WITH_FIELDS = tallyfyError({
  kind: "not-found",
  status: 404,
  fields: ["organization"],
  message: "Tallyfy knows no such place.",
});
const NOT_FOUND = tallyfyError({ kind: "not-found", status: 404, message: "Tallyfy knows no such place." });

/** A published run in which nobody was created yet. */
async function published(settings = {}): Promise<World> {
  const world = makeWorld(redis(), settings);
  await world.app.provisioning.pause();
  await world.drop(A, rosterOf("one", ADA, BOB));
  await world.drive();
  return world;
}

async function entry(world: World, who = ADA) {
  return (await world.app.ledger.standings([who]))[0]?.entry ?? null;
}

async function outcome(world: World) {
  return (await all(world.app.runs.outcomes(A))).find((each) => each.key === ADA.key)?.outcome ?? null;
}

describe("creating", () => {
  test("makes the user, and writes outcome and ledger entry", async () => {
    const world = await published();
    const step = await provision(JOB, FIRST, world.app);
    expect(step).toEqual({ next: "settle", outcome: { status: "applied", accountId: 100 } });
    expect(await outcome(world)).toEqual({ status: "applied", accountId: 100 });
    const at = new Date(START).toISOString();
    const made = { key: ADA.key, emailHash: ADA.emailHash, accountId: 100, origin: "created" };
    expect(await entry(world)).toEqual({ ...made, runId: A, sha256: "one", line: ADA.line, at });
  });

  test("the last of a run rings for its wrapping up; the others do not", async () => {
    const world = await published();
    await provision(JOB, FIRST, world.app);
    expect(world.bells.size).toBe(0);
    await provision({ ...JOB, key: BOB.key }, { ...FIRST, jobId: "job 2" }, world.app);
    expect([...world.bells.values()].map((each) => each.data)).toEqual([{ kind: "close", runId: A, dataId: "here" }]);
  });

  test("a second try of a settled change does nothing", async () => {
    const world = await published();
    await provision(JOB, FIRST, world.app);
    expect(await provision(JOB, FIRST, world.app)).toMatchObject({ next: "settle", outcome: { status: "stale" } });
    expect([world.tallyfy.calls.create, (await outcome(world))?.status]).toEqual([1, "applied"]);
  });

  test("somebody who is in the ledger is not created again", async () => {
    const world = await published();
    await redis().hset(KEYS.ledger, ADA.key, JSON.stringify(entryOf(ADA, { accountId: 5, runId: "before" })));
    const step = await provision(JOB, FIRST, world.app);
    expect(step).toMatchObject({
      outcome: { status: "already", accountId: 5, message: expect.stringContaining("before") },
    });
    expect(world.tallyfy.calls.create).toBe(0);
  });

  test("while another job is at work on the person, this one waits", async () => {
    const world = await published();
    await world.app.runs.begin(JOB, "another job");
    expect(await provision(JOB, FIRST, world.app)).toEqual({ next: "wait", delayMs: 2000 });
    expect(world.tallyfy.calls.create).toBe(0);
  });

  test("when the hourly budget is used up, everybody pauses, and nobody is called", async () => {
    const world = await published();
    const held = { kind: "rate-limited", code: HOURLY_BUDGET_USED, retryAfterMs: 42_000, wasSent: false } as const;
    world.tallyfy.creates.push({ before: tallyfyError(held) });
    const step = await provision(JOB, FIRST, world.app);
    expect(step).toEqual({ next: "pause", delayMs: 42_000, because: "budget" });
    expect(await provision(JOB, { ...FIRST, jobId: "job 2" }, world.app)).toMatchObject({ next: "settle" });
  });
});

describe("failures", () => {
  test("429: everybody pauses, the person is free again", async () => {
    const world = await published();
    world.tallyfy.creates.push({ before: tallyfyError({ kind: "rate-limited", status: 429, retryAfterMs: 7000 }) });
    expect(await provision(JOB, LAST, world.app)).toEqual({ next: "pause", delayMs: 7000, because: "rate-limited" });
    expect(await world.app.runs.begin(JOB, "another job")).toMatchObject({ kind: "yours", wasTriedBefore: false });
  });

  test("no answer: tried again, and known to have been tried; not reached: as if never tried", async () => {
    const world = await published();
    world.tallyfy.creates.push({ before: NOT_SENT }, { before: NO_ANSWER });
    expect(await provision(JOB, FIRST, world.app)).toMatchObject({ next: "retry", message: NOT_SENT.failure.message });
    expect(await world.app.runs.begin(JOB, "job 1")).toMatchObject({ wasTriedBefore: false });
    await world.app.runs.release(JOB, "job 1", false);
    expect(await provision(JOB, FIRST, world.app)).toMatchObject({ next: "retry", message: NO_ANSWER.failure.message });
    expect(await world.app.runs.begin(JOB, "job 1")).toMatchObject({ wasTriedBefore: true });
  });

  test("not reached after an attempt whose answer was lost: that one is not forgotten", async () => {
    const world = await published();
    world.tallyfy.creates.push({ before: NO_ANSWER }, { before: NOT_SENT });
    await provision(JOB, FIRST, world.app);
    await provision(JOB, FIRST, world.app);
    expect(await world.app.runs.begin(JOB, "job 1")).toMatchObject({ wasTriedBefore: true });
  });

  test("no answer at the last attempt: exhausted, not in the ledger", async () => {
    const world = await published();
    world.tallyfy.creates.push({ before: NO_ANSWER });
    await provision(JOB, LAST, world.app);
    expect(await outcome(world)).toEqual({ status: "exhausted", attempts: 3, message: NO_ANSWER.failure.message });
    expect(await entry(world)).toBeNull();
  });

  test("refused values: rejected with the reason", async () => {
    const world = await published();
    world.tallyfy.creates.push({ before: INVALID });
    await provision(JOB, FIRST, world.app);
    expect(await outcome(world)).toEqual({ status: "rejected", code: "HTTP_422", message: INVALID.failure.message });
    expect(await entry(world)).toBeNull();
  });

  test("no seats: the queue halts and says so, the run stays open, the person is free again", async () => {
    const world = await published();
    await world.app.provisioning.resume();
    world.tallyfy.seatsLeft = 0;
    expect(await provision(JOB, FIRST, world.app)).toMatchObject({ next: "halt", kind: "seats" });
    expect(world.queue.isPaused).toBe(true);
    expect(await world.app.signals.halt()).toMatchObject({ kind: "seats", since: START, probeAt: START + 60_000 });
    expect((await world.app.runs.get(A))?.counts.open).toBe(2);
    expect(await world.app.runs.begin(JOB, "another job")).toMatchObject({ kind: "yours" });
  });

  test("an error that is no answer of Tallyfy's comes out, and concludes nothing", async () => {
    const world = await published();
    const tallyfy = { ...world.tallyfy, createUser: () => Promise.reject(new TypeError("a bug")) };
    await expect(provision(JOB, FIRST, { ...world.app, tallyfy })).rejects.toThrow("a bug");
    expect(await outcome(world)).toBeNull();
    expect(await world.app.runs.begin(JOB, "job 1")).toMatchObject({ kind: "yours", wasTriedBefore: true });
  });
});

describe("401 and 403: Tallyfy is asked before anybody concludes anything", () => {
  test.each([
    ["401", REFUSED],
    ["403", FORBIDDEN],
  ] as const)("%s, and all of us are refused: halt", async (_, error) => {
    const world = await published();
    world.tallyfy.creates.push({ before: error });
    world.tallyfy.refusal = "Tallyfy refuses this program.";
    expect(await provision(JOB, FIRST, world.app)).toEqual({
      next: "halt",
      kind: "credentials",
      message: "Tallyfy refuses this program.",
    });
    expect(await outcome(world)).toBeNull();
  });

  test("403, but we are welcome: only this person is rejected", async () => {
    const world = await published();
    world.tallyfy.creates.push({ before: FORBIDDEN });
    await provision(JOB, FIRST, world.app);
    expect(await outcome(world)).toMatchObject({ status: "rejected", code: "HTTP_403" });
    expect(world.tallyfy.calls.probe).toBe(1);
  });

  test("the probe gets no answer: tried again", async () => {
    const world = await published();
    world.tallyfy.creates.push({ before: FORBIDDEN });
    const tallyfy = { ...world.tallyfy, probe: () => Promise.reject(NOT_SENT) };
    expect(await provision(JOB, FIRST, { ...world.app, tallyfy })).toMatchObject({ next: "retry" });
    expect(await outcome(world)).toBeNull();
  });
});

describe("the same refusal again and again", () => {
  const people = [1, 2, 3, 4, 5].map((number) => someone(number));

  async function provisionAll(world: World) {
    const steps = [];
    for (const { key } of people)
      steps.push(await provision({ ...JOB, key }, { ...FIRST, jobId: `job of ${key}` }, world.app));
    return steps.map((step) => (step.next === "settle" ? step.outcome.status : step.next));
  }

  async function publishedFive(): Promise<World> {
    const world = makeWorld(redis());
    await world.app.provisioning.pause();
    await world.drop(A, rosterOf("one", ...people));
    await world.drive();
    return world;
  }

  test.each([
    ["404", NOT_FOUND],
    ["404 with fields, which are no person's", NOT_FOUND_WITH_FIELDS],
    ["400 that names nothing, although each may mean that the address is taken", UNNAMED],
  ])("is the organisation's fault: halt, before everybody is rejected (%s)", async (_, refusal) => {
    const world = await publishedFive();
    world.tallyfy.creates.push(...people.map(() => ({ before: refusal })));
    await provisionAll(world);
    expect(await world.app.signals.halt()).toMatchObject({
      kind: "organisation",
      message: expect.stringContaining("in a row"),
    });
  });

  test.each([
    ["a success", "works"],
    ["an address that is taken", { before: TAKEN }],
    ["a refusal of one person's values", { before: INVALID }],
  ] as const)("is not in a row with %s between", async (_, between) => {
    const world = await publishedFive();
    const refused = { before: NOT_FOUND };
    world.tallyfy.creates.push(refused, refused, between, refused, refused);
    await provisionAll(world);
    expect(await world.app.signals.halt()).toBeNull();
  });

  test("is not in a row with one between that meant: taken", async () => {
    const world = await publishedFive();
    const refused = { before: UNNAMED };
    const { profile } = someone(3);
    world.tallyfy.members.set(profile.email, memberFrom(profile, 9));
    world.tallyfy.creates.push(refused, refused, refused, refused, refused);
    await provisionAll(world);
    expect(await world.app.signals.halt()).toBeNull();
  });
});

test("no log line of all this names anybody", async () => {
  const world = await published();
  world.tallyfy.creates.push({ before: INVALID }, { before: NO_ANSWER });
  await provision(JOB, FIRST, world.app);
  await provision({ ...JOB, key: BOB.key }, { ...LAST, jobId: "job 2" }, world.app);
  expect(world.lines.map((line) => line.message)).toEqual(
    expect.arrayContaining(["Tallyfy refused a person", "gave up on a person"]),
  );
  expect(JSON.stringify(world.lines)).not.toContain(MARK);
});
