// An address that Tallyfy calls taken: by us, by a member who was there before, or by somebody elsewhere.

import { describe, expect, test } from "vitest";
import { provision } from "../../src/app/provision.ts";
import { tallyfyError } from "../support/failures.ts";
import { FORBIDDEN, memberFrom, NO_ANSWER } from "../support/fakes.ts";
import { all, redisForTests } from "../support/store.ts";
import { makeWorld, rosterOf, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const ADA = someone(1);
const A = "20260601-080000-aaaaaa";
const JOB = { runId: A, key: ADA.key, op: "create" } as const;
const FIRST = { jobId: "job 1", number: 1, isLast: false };
const LAST = { ...FIRST, number: 3, isLast: true };

/** A published run in which nobody was created yet. */
async function published(): Promise<World> {
  const world = makeWorld(redis());
  await world.app.provisioning.pause();
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  return world;
}

async function entry(world: World) {
  return (await world.app.ledger.standings([ADA]))[0]?.entry ?? null;
}

async function outcome(world: World) {
  return (await all(world.app.runs.outcomes(A)))[0]?.outcome ?? null;
}

describe("an address that is taken", () => {
  test("after an attempt whose answer was lost: it was ours", async () => {
    const world = await published();
    world.tallyfy.creates.push({ after: NO_ANSWER });
    await provision(JOB, FIRST, world.app);
    await provision(JOB, { ...FIRST, number: 2 }, world.app);
    expect(await outcome(world)).toMatchObject({
      status: "already",
      accountId: 100,
      message: expect.stringContaining("earlier attempt"),
    });
    expect(await entry(world)).toMatchObject({ origin: "created", accountId: 100 });
  });

  test("by a member who was there before: adopted", async () => {
    const world = await published();
    world.tallyfy.members.set(ADA.profile.email, memberFrom(ADA.profile, 9));
    await provision(JOB, FIRST, world.app);
    expect(await outcome(world)).toMatchObject({
      status: "already",
      accountId: 9,
      message: "The account was there already.",
    });
    expect(await entry(world)).toMatchObject({ origin: "adopted", accountId: 9 });
  });

  test("by a member who is disabled: adopted, and said what to do", async () => {
    const world = await published();
    world.tallyfy.members.set(ADA.profile.email, memberFrom(ADA.profile, 9, { status: "disabled" }));
    await provision(JOB, FIRST, world.app);
    expect(await outcome(world)).toMatchObject({ status: "already", message: expect.stringContaining("enable it") });
  });

  test("in another organisation: rejected, with what to do, and not in the ledger", async () => {
    const world = await published();
    world.tallyfy.elsewhere.add(ADA.profile.email);
    await provision(JOB, FIRST, world.app);
    expect(await outcome(world)).toMatchObject({
      status: "rejected",
      code: "EMAIL_TAKEN",
      message: expect.stringContaining("by hand"),
    });
    expect(await entry(world)).toBeNull();
  });

  test("by ourselves a moment ago, and the list is late: looked up again, not rejected", async () => {
    const world = await published();
    world.tallyfy.creates.push({ after: NO_ANSWER });
    world.tallyfy.lookUps.push("finds nobody");
    await provision(JOB, FIRST, world.app);
    expect(await provision(JOB, { ...FIRST, number: 2 }, world.app)).toMatchObject({ next: "retry" });
    await provision(JOB, LAST, world.app);
    expect(await outcome(world)).toMatchObject({ status: "already" });
    expect(await entry(world)).toMatchObject({ origin: "created" });
  });

  test.each([
    [tallyfyError({ kind: "rate-limited", status: 429, retryAfterMs: 9000 }), { next: "pause", delayMs: 9000 }],
    [NO_ANSWER, { next: "retry" }],
    [FORBIDDEN, { next: "retry" }],
    [tallyfyError({ kind: "protocol" }), { next: "retry" }],
  ])("and a look-up that fails proves nothing about the person: %s", async (error, expected) => {
    const world = await published();
    world.tallyfy.members.set(ADA.profile.email, memberFrom(ADA.profile, 9));
    world.tallyfy.lookUps.push(error);
    expect(await provision(JOB, FIRST, world.app)).toMatchObject(expected);
    expect([await outcome(world), await entry(world)]).toEqual([null, null]);
  });

  test("without an acting admin: taken for theirs, and said that nobody looked", async () => {
    const world = await published();
    world.tallyfy.canList = false;
    world.tallyfy.elsewhere.add(ADA.profile.email);
    await provision(JOB, FIRST, world.app);
    expect(await outcome(world)).toMatchObject({
      status: "already",
      accountId: null,
      message: expect.stringContaining("TALLYFY_ADMIN_EMAIL"),
    });
    expect(await entry(world)).toMatchObject({ origin: "adopted", accountId: null });
  });
});
