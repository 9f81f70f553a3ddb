// Halted queues look again from time to time, go on by themselves, and never stay halted without a reason that is shown.

import { describe, expect, test } from "vitest";
import type { App } from "../../src/app/app.ts";
import { halt, lookNow, watchHalt } from "../../src/app/halts.ts";
import { NOT_SENT } from "../support/fakes.ts";
import { redisForTests } from "../support/store.ts";
import { makeWorld, rosterOf, START, someone } from "../support/world.ts";

const { redis } = redisForTests();

const A = "20260601-080000-aaaaaa";

test("a halt pauses the queue, is shown, and is logged once however many jobs meet it", async () => {
  const world = makeWorld(redis());
  for (let job = 0; job < 5; job++) await halt("credentials", "Refused.", world.app);
  expect(world.queue.isPaused).toBe(true);
  expect(await world.app.signals.halt()).toEqual({
    kind: "credentials",
    message: "Refused.",
    since: START,
    probeAt: START + 10_000,
  });
  expect(world.lines.map((line) => [line.level, line.message])).toEqual([["error", "provisioning is halted"]]);
});

test("a halt that goes on keeps the moment since when", async () => {
  const world = makeWorld(redis());
  await halt("seats", "No seats.", world.app);
  world.clock.advance(5000);
  await halt("seats", "Still no seats.", world.app);
  expect(await world.app.signals.halt()).toMatchObject({
    since: START,
    message: "Still no seats.",
    probeAt: START + 65_000,
  });
});

test.each(["a halt that another process begins at the same moment", "one that comes and goes meanwhile"])(
  "%s is not taken for a person's pause: the queue goes on afterwards",
  async (what) => {
    const world = makeWorld(redis());
    const { app } = world;
    let isFirst = true;
    const isPaused = async () => {
      if (!isFirst) return world.queue.isPaused;
      isFirst = false;
      await halt("seats", "No seats.", app);
      const seen = world.queue.isPaused;
      if (what.startsWith("one that")) await lift(app);
      return seen;
    };
    const slow = { ...app, provisioning: { ...app.provisioning, isPaused } };
    await halt("seats", "No seats.", slow);
    world.clock.advance(60_000);
    await watchHalt(app);
    expect([world.queue.isPaused, await app.signals.halt()]).toEqual([false, null]);
  },
);

describe("a pause that makes up for a crash, and comes when another process has just lifted the halt,", () => {
  test("is not taken for a person's by the next halt", async () => {
    const world = makeWorld(redis());
    const { app } = world;
    await haltWithoutPause(app);
    await watchHalt({
      ...app,
      provisioning: {
        ...app.provisioning,
        async pause() {
          await lift(app);
          await app.provisioning.pause();
          world.clock.advance(10);
          await halt("seats", "No seats again.", app);
        },
      },
    });
    expect(await app.signals.halt()).toMatchObject({ message: "No seats again." });
    world.clock.advance(120_000);
    await watchHalt(app);
    expect([world.queue.isPaused, await app.signals.halt()]).toEqual([false, null]);
  });

  test("is ended by whoever watches next, also when its process dies with it", async () => {
    const world = makeWorld(redis());
    const { app } = world;
    await haltWithoutPause(app);
    const dying = {
      ...app.provisioning,
      async pause() {
        await lift(app);
        await app.provisioning.pause();
        throw new Error("killed");
      },
    };
    await expect(watchHalt({ ...app, provisioning: dying })).rejects.toThrow("killed");
    expect([world.queue.isPaused, await app.signals.halt()]).toEqual([true, null]);
    await watchHalt(app);
    expect([world.queue.isPaused, await app.signals.pauseMark()]).toEqual([false, null]);
  });
});

test("a queue that a person had paused stays paused when the halt is over", async () => {
  const world = makeWorld(redis());
  await world.app.provisioning.pause();
  await halt("seats", "No seats.", world.app);
  await watchHalt(world.app);
  world.clock.advance(120_000);
  await watchHalt(world.app);
  expect([world.queue.isPaused, await world.app.signals.halt()]).toEqual([true, null]);
});

/** What a crash right behind the record leaves. */
async function haltWithoutPause(app: App): Promise<void> {
  await halt("seats", "No seats.", app);
  await app.provisioning.resume();
}

/** What another process does when it finds the reason of the halt gone. */
async function lift(app: App): Promise<void> {
  const halted = await app.signals.halt();
  if (halted !== null) await app.signals.setHalt({ ...halted, probeAt: 0 });
  await watchHalt(app);
}

describe("watching", () => {
  test("nothing is done without a halt, not even to a queue that a person paused", async () => {
    const world = makeWorld(redis());
    await world.app.provisioning.pause();
    await watchHalt(world.app);
    expect([world.queue.isPaused, world.tallyfy.calls.probe]).toEqual([true, 0]);
  });

  test("before its time nobody is asked, and a pause that a crash prevented is made up", async () => {
    const world = makeWorld(redis());
    await halt("credentials", "Refused.", world.app);
    await world.app.provisioning.resume();
    world.clock.advance(9999);
    await watchHalt(world.app);
    expect([world.queue.isPaused, world.tallyfy.calls.probe]).toEqual([true, 0]);
  });

  test("a look that a machine whose clock was ahead has put off for a day is made at once", async () => {
    const world = makeWorld(redis());
    await halt("credentials", "Refused.", world.app);
    const halted = await world.app.signals.halt();
    if (halted !== null) await world.app.signals.setHalt({ ...halted, probeAt: START + 93_600_000 });
    await watchHalt(world.app);
    expect([world.queue.isPaused, await world.app.signals.halt()]).toEqual([false, null]);
  });

  test.each(["credentials", "organisation"] as const)("%s: goes on when Tallyfy accepts us again", async (kind) => {
    const world = makeWorld(redis());
    await halt(kind, "Refused.", world.app);
    world.clock.advance(60_000);
    await watchHalt(world.app);
    expect([world.queue.isPaused, await world.app.signals.halt(), world.tallyfy.calls.probe]).toEqual([false, null, 1]);
    expect(world.lines.at(-1)?.message).toBe("provisioning goes on");
  });

  test("credentials that are still refused: asked again later, with the newest reason", async () => {
    const world = makeWorld(redis());
    world.tallyfy.refusal = "Refused as before.";
    await halt("credentials", "Refused.", world.app);
    world.clock.advance(10_000);
    await watchHalt(world.app);
    const expected = {
      kind: "credentials",
      message: "Refused as before.",
      since: START,
      probeAt: START + 20_000,
    };
    expect([world.queue.isPaused, await world.app.signals.halt()]).toEqual([true, expected]);
  });

  test("a Tallyfy that does not answer proves nothing: the halt stays, with its own reason", async () => {
    const world = makeWorld(redis());
    await halt("credentials", "Refused.", world.app);
    world.tallyfy.trouble = NOT_SENT;
    world.clock.advance(10_000);
    await watchHalt(world.app);
    const metSince = NOT_SENT.failure.message;
    expect(await world.app.signals.halt()).toMatchObject({ kind: "credentials", message: "Refused.", metSince });
    expect(world.queue.isPaused).toBe(true);

    world.tallyfy.trouble = null;
    world.tallyfy.refusal = "Refused as before.";
    world.clock.advance(10_000);
    await watchHalt(world.app);
    const halted = await world.app.signals.halt();
    expect([halted?.message, halted?.metSince]).toEqual(["Refused as before.", undefined]);
  });

  test("credentials that are refused while the organisation's halt is looked at do not become its reason", async () => {
    const world = makeWorld(redis());
    await halt("organisation", "Unpaid.", world.app);
    world.tallyfy.refusal = "Refused.";
    world.clock.advance(60_000);
    await watchHalt(world.app);
    expect(await world.app.signals.halt()).toMatchObject({ message: "Unpaid.", metSince: "Refused." });
  });

  test("whoever starts looks at once", async () => {
    const world = makeWorld(redis());
    await lookNow(world.app);
    expect(world.tallyfy.calls.probe).toBe(0);
    await halt("credentials", "Refused.", world.app);
    await lookNow(world.app);
    expect([world.queue.isPaused, await world.app.signals.halt()]).toEqual([false, null]);
  });

  test("seats are tried by creating: one job goes ahead, and halts again when there is none", async () => {
    const world = makeWorld(redis());
    world.tallyfy.seatsLeft = 0;
    await world.drop(A, rosterOf("one", someone(1), someone(2)));
    await world.drive();
    for (let hour = 0; hour < 3; hour++) {
      world.clock.advance(60_000);
      await watchHalt(world.app);
      await world.drive();
    }
    expect([world.tallyfy.calls.create, world.queue.isPaused]).toEqual([4, true]);
    expect((await world.app.runs.get(A))?.counts.open).toBe(2);
    world.tallyfy.seatsLeft = 2;
    world.clock.advance(60_000);
    await watchHalt(world.app);
    await world.drive();
    expect(await world.app.runs.get(A)).toMatchObject({ state: "closed", counts: { outcomes: { applied: 2 } } });
  });

  test("a halt that a job sets at the very moment of going on is not lost", async () => {
    const world = makeWorld(redis());
    await halt("seats", "No seats.", world.app);
    world.clock.advance(60_000);
    const provisioning = {
      ...world.app.provisioning,
      async resume() {
        await world.app.provisioning.resume();
        await halt("seats", "Still no seats.", world.app);
      },
    };
    await watchHalt({ ...world.app, provisioning });
    expect(await world.app.signals.halt()).toMatchObject({ kind: "seats", message: "Still no seats." });
  });
});
