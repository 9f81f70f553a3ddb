// A newer roster takes over while Tallyfy's answer about somebody is lost, and does not name them any more: their account is ours all
// the same, and the ledger must know it.

import { expect, test } from "vitest";
import { tallyfyError } from "../support/failures.ts";
import { NO_ANSWER, NOT_SENT } from "../support/fakes.ts";
import { all, redisForTests } from "../support/store.ts";
import { makeWorld, rosterOf, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const [ADA, BOB, CYD] = [someone(1), someone(2), someone(3)];
const A = "20260601-080000-aaaaaa";
const B = "20260601-090000-bbbbbb";
const AWAY = tallyfyError({ kind: "unavailable", status: 503 });

/** Ada's create was sent, and nobody knows what became of it, when a roster without her arrives. */
async function overtaken(
  made: { readonly after: typeof NO_ANSWER } | { readonly before: typeof NO_ANSWER },
): Promise<World> {
  const world = makeWorld(redis());
  world.tallyfy.creates.push(made);
  await world.drop(A, rosterOf("one", ADA));
  await world.drive(0);
  expect(world.tallyfy.calls.create).toBe(1);
  await world.drop(B, rosterOf("two", BOB, CYD));
  return world;
}

async function ledgerOf(world: World): Promise<string[]> {
  return (await all(world.app.ledger.entries())).map(({ key, origin, runId }) => `${key} ${origin} ${runId}`).sort();
}

test("who was created without an answer is looked up before the run gives way, and stands in the ledger as ours", async () => {
  const world = await overtaken({ after: NO_ANSWER });
  await world.drive();
  expect(await ledgerOf(world)).toEqual(
    [`${ADA.key} created ${A}`, `${BOB.key} created ${B}`, `${CYD.key} created ${B}`].sort(),
  );
  expect(await world.app.runs.get(A)).toMatchObject({
    state: "superseded",
    counts: { outcomes: { already: 1, stale: 0 } },
  });
  expect([world.tallyfy.members.size, world.tallyfy.calls.create]).toEqual([3, 3]);
});

test("who was not created after all is left behind, as the newer roster wants", async () => {
  const world = await overtaken({ before: NO_ANSWER });
  await world.drive();
  expect(await ledgerOf(world)).toEqual([`${BOB.key} created ${B}`, `${CYD.key} created ${B}`].sort());
  expect(await world.app.runs.get(A)).toMatchObject({
    state: "superseded",
    counts: { outcomes: { already: 0, stale: 1 } },
  });
});

test("who was never asked for is not looked up, and neither is who the newer roster names", async () => {
  const unsent = await overtaken({ before: NOT_SENT });
  await unsent.drive();
  expect(unsent.tallyfy.calls.find).toBe(0);

  await redis().flushall();
  const again = makeWorld(redis());
  again.tallyfy.creates.push({ after: NO_ANSWER });
  await again.drop(A, rosterOf("one", ADA));
  await again.drive(0);
  await again.drop(B, rosterOf("two", ADA, BOB));
  await again.drive();
  // Once, by the job of the newer run.
  expect([again.tallyfy.calls.find, await ledgerOf(again)]).toEqual([
    1,
    [`${ADA.key} created ${B}`, `${BOB.key} created ${B}`].sort(),
  ]);
});

test("while Tallyfy is away the run stays open, and the newer one goes on", async () => {
  const world = await overtaken({ after: NO_ANSWER });
  world.tallyfy.lookUps.push(AWAY, AWAY);
  await world.drive(1_000);
  // Why it is over is not why it waits.
  const waits = { state: "superseded", endedAt: null, waitingFor: "tallyfy", because: null };
  expect(await world.app.runs.get(A)).toMatchObject(waits);
  expect((await world.app.runs.get(B))?.state).toBe("closed");
  await world.drive();
  expect(await world.app.runs.get(A)).toMatchObject({ state: "superseded", waitingFor: null });
  expect((await world.app.runs.get(A))?.endedAt).not.toBeNull();
  expect(await ledgerOf(world)).toContain(`${ADA.key} created ${A}`);
});

test("without an acting admin nobody can be looked up, and the run ends all the same", async () => {
  const world = await overtaken({ after: NO_ANSWER });
  world.tallyfy.canList = false;
  await world.drive();
  expect(await world.app.runs.get(A)).toMatchObject({ state: "superseded", counts: { outcomes: { stale: 1 } } });
  // A later roster that names her finds out: she was tried.
  world.tallyfy.canList = true;
  await world.drop("20260601-100000-cccccc", rosterOf("three", ADA, BOB, CYD));
  await world.drive();
  expect(await ledgerOf(world)).toContain(`${ADA.key} created 20260601-100000-cccccc`);
});

test("a person whom a job holds at this moment is waited for", async () => {
  const world = makeWorld(redis());
  await world.app.provisioning.pause();
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  const job = { runId: A, key: ADA.key, op: "create" } as const;
  await world.app.runs.begin(job, "a job at work");
  await world.drop(B, rosterOf("two", BOB));
  await world.drive();
  expect((await world.app.runs.get(A))?.endedAt).toBeNull();
  await world.app.tallyfy.createUser(ADA.profile);
  await world.app.runs.release(job, "a job at work", true);
  world.clock.advance(2_000);
  await world.drive();
  expect((await world.app.runs.get(A))?.endedAt).not.toBeNull();
  expect(await ledgerOf(world)).toEqual([`${ADA.key} created ${A}`]);
});
