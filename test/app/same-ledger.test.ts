// What is gathered of ledger and data folder before anything is planned, and how the folder comes to remember its ledger. Which
// findings are another ledger is in test/domain/other-ledger.test.ts.

import { describe, expect, test } from "vitest";
import type { AnswerSummary, PastAnswer } from "../../src/app/ports.ts";
import {
  announceLedger,
  ledgerKeeper,
  lookAtLedger,
  nextLedgerId,
  rememberLedger,
  requireSameLedger,
  type SameLedgerNeeds,
} from "../../src/app/same-ledger.ts";
import { type LedgerMemory, OtherLedger } from "../../src/domain/other-ledger.ts";
import type { Run, RunState } from "../../src/domain/run.ts";
import { aRun } from "../support/people.ts";
import { keepLog } from "../support/quiet-log.ts";

const HERE = "Redis at redis://here:6379";
const MINE = "00000000000000aa";
const OTHER = "00000000000000bb";
const NEXT = "00000000000000cc";
const MONDAY = "20260601-080000-00000001";
const TUESDAY = "20260602-080000-00000002";
const REMEMBERED: LedgerMemory = { id: MINE, where: HERE, nextId: null };

/** What stands where; tests change it as time goes on. */
interface Scene {
  id: string | null;
  isKept: boolean;
  entries: number;
  memory: LedgerMemory | null;
  isFull: boolean;
  /** Runs whose rosters are in the archive, oldest first. */
  archive: readonly string[];
  answers: readonly PastAnswer[];
  /** Runs that the ledger's Redis knows. */
  runs: readonly Run[];
  acceptedFrom: string | null;
}

function open(fields: Partial<Scene> = {}) {
  const scene: Scene = {
    id: null,
    isKept: false,
    entries: 0,
    memory: null,
    isFull: false,
    archive: [],
    answers: [],
    runs: [],
    acceptedFrom: null,
    ...fields,
  };
  const { log, lines } = keepLog();
  let made = 0;
  function keep(memory: LedgerMemory | null): void {
    if (scene.isFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    scene.memory = memory;
  }
  const needs: SameLedgerNeeds = {
    app: {
      log,
      files: { dataId: "here" },
      runs: {
        get: async (runId) => scene.runs.find((run) => run.runId === runId) ?? null,
        list: async (limit) => scene.runs.slice(0, limit),
        async accepted() {
          if (scene.acceptedFrom === null) return null;
          const roster = { runId: MONDAY, fileName: "monday.csv", filePath: "archive/monday.csv", sha256: "one" };
          return { ...roster, dataId: scene.acceptedFrom, at: "2026-06-01T08:00:00.000Z" };
        },
      },
    },
    ledgerAtHand: {
      where: HERE,
      id: async () => scene.id,
      async giveId(wanted) {
        scene.id ??= wanted;
        return { id: scene.id, isKept: scene.isKept };
      },
      newId: () => `new ${++made}`,
      entries: async () => scene.entries,
    },
    folderMemory: {
      dataDir: "/data",
      read: async () => scene.memory,
      write: async (memory) => keep(memory),
      forget: async () => keep(null),
    },
    past: {
      rosters: async () =>
        scene.archive.map((runId) => ({ runId, fileName: "monday.csv", path: `archive/2026/06/${runId}.monday.csv` })),
      answers: async () => scene.answers,
    },
  };
  return { scene, needs, lines, keep: ledgerKeeper(needs) };
}

function answer(verdict: RunState): PastAnswer {
  return { kind: "answer", summary: { verdict } as AnswerSummary, rowsPath: "outbox/monday.csv.result.csv" };
}

const UNREADABLE: PastAnswer = { kind: "unreadable", path: "outbox/monday.csv.result.json" };

describe("before anything is planned", () => {
  test.each<[string, Partial<Scene>, boolean]>([
    ["nothing remembered and no history", {}, false],
    ["the ledger that is remembered", { memory: REMEMBERED, id: MINE, archive: [MONDAY] }, false],
    ["another one, and a roster in the archive", { memory: REMEMBERED, id: OTHER, archive: [MONDAY] }, true],
    ["another one, and answer files alone", { memory: REMEMBERED, id: OTHER, answers: [answer("refused")] }, true],
    ["another one, and nothing to lose", { memory: REMEMBERED, id: OTHER, answers: [UNREADABLE] }, false],
    [
      "without an id, and the newest roster is known",
      { memory: REMEMBERED, archive: [MONDAY, TUESDAY], runs: [aRun(TUESDAY)] },
      false,
    ],
    [
      "without an id, and only an older roster is known",
      { memory: REMEMBERED, archive: [MONDAY, TUESDAY], runs: [aRun(MONDAY)] },
      true,
    ],
    ["nothing remembered, and a roster was applied", { archive: [MONDAY], answers: [answer("closed")] }, true],
    ["nothing remembered, and no roster was applied", { archive: [MONDAY], answers: [answer("discarded")] }, false],
    ["nothing remembered, and a run of the folder", { answers: [answer("closed")], runs: [aRun(MONDAY)] }, false],
    [
      "nothing remembered, and a run of another folder",
      { answers: [answer("closed")], runs: [aRun(MONDAY, { dataId: "there" })], acceptedFrom: "there" },
      true,
    ],
    ["nothing remembered, and the accepted roster", { answers: [answer("closed")], acceptedFrom: "here" }, false],
  ])("%s", async (_, fields, isOther) => {
    const { needs } = open(fields);
    expect((await lookAtLedger(needs)) !== null).toBe(isOther);
    const required = requireSameLedger(needs);
    await (isOther ? expect(required).rejects.toThrow(OtherLedger) : required);
  });

  test("another ledger is told with folder, places and entries, and looking changes nothing", async () => {
    const memory = { ...REMEMBERED, where: "Redis at redis://old:6379" };
    const { needs, scene } = open({ memory, id: OTHER, entries: 9, archive: [MONDAY] });
    const other = await lookAtLedger(needs);
    expect(other?.message).toMatch(/folder \/data was last used with Redis at redis:\/\/old:6379\. Now Redis at/);
    expect(other?.message).toContain(`${HERE} is configured`);
    expect(other?.message).toContain("9 entries");
    expect([scene.memory, scene.id]).toEqual([memory, OTHER]);
  });
});

describe("while files are taken", () => {
  test("the ledger gets an id at once, and the folder remembers it when it has been kept for a while", async () => {
    const { scene, keep } = open();
    expect([await keep(), await keep()]).toEqual([null, null]);
    expect([scene.id, scene.memory]).toEqual(["new 1", null]);
    scene.isKept = true;
    expect(await keep()).toBeNull();
    expect(scene.memory).toEqual({ id: "new 1", where: HERE, nextId: null });
  });

  test.each<[string, Partial<Scene>, string]>([
    ["gets back the id that is remembered", { runs: [aRun(TUESDAY)] }, MINE],
    ["gets a new id where it does not know the newest roster", { runs: [aRun(MONDAY)] }, "new 1"],
    ["gets a new id in another place", { runs: [aRun(TUESDAY)], memory: { ...REMEMBERED, where: "there" } }, "new 1"],
    ["gets a new id during a rebuilding", { runs: [aRun(TUESDAY)], memory: { ...REMEMBERED, nextId: NEXT } }, "new 1"],
  ])("a ledger without an id %s", async (_, fields, id) => {
    const { scene, keep } = open({ memory: REMEMBERED, archive: [MONDAY, TUESDAY], ...fields });
    await keep();
    expect(scene.id).toBe(id);
  });

  test("when another ledger was let in, the old one is forgotten at once, before that one is remembered", async () => {
    const { scene, keep } = open({ memory: REMEMBERED, id: OTHER });
    await keep();
    expect(scene.memory).toBeNull();
    scene.isKept = true;
    await keep();
    expect(scene.memory).toEqual({ ...REMEMBERED, id: OTHER });
  });

  test("a rebuilt ledger becomes the one that is remembered only when it has been kept", async () => {
    const memory = { ...REMEMBERED, nextId: NEXT };
    const { scene, keep } = open({ memory, id: NEXT });
    await keep();
    expect(scene.memory).toEqual(memory);
    scene.isKept = true;
    await keep();
    expect(scene.memory).toEqual({ ...REMEMBERED, id: NEXT });
  });

  test("a ledger that is gone is reported each time, and the folder notes that its next one is to be proved", async () => {
    const { scene, keep } = open({ memory: REMEMBERED, id: MINE, archive: [MONDAY], runs: [aRun(MONDAY)] });
    expect(await keep()).toBeNull();
    Object.assign(scene, { id: null, runs: [] });
    expect(await keep()).toBeInstanceOf(OtherLedger);
    expect(await keep()).toBeInstanceOf(OtherLedger);
    expect([scene.id, scene.memory]).toEqual([null, { ...REMEMBERED, nextId: MINE }]);
    // By now a run was planned by the empty one: still it is not let in.
    scene.runs = [aRun(MONDAY)];
    expect(await lookAtLedger(open({ ...scene }).needs)).toBeInstanceOf(OtherLedger);
  });

  test("a ledger that is gone where there is nothing to lose is followed by a new one", async () => {
    const { scene, keep } = open({ memory: REMEMBERED, id: MINE });
    await keep();
    Object.assign(scene, { id: null, isKept: true });
    expect(await keep()).toBeNull();
    expect([scene.id, scene.memory]).toEqual(["new 1", { ...REMEMBERED, id: "new 1" }]);
  });

  test("a folder that cannot be written is warned of once, stops nobody, and remembers as soon as it can", async () => {
    const { scene, keep, lines } = open({ isFull: true, isKept: true });
    for (let beat = 0; beat < 3; beat++) expect(await keep()).toBeNull();
    expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      "warn: the data folder could not note which ledger it belongs to; it is tried again",
    ]);
    scene.isFull = false;
    await keep();
    expect([scene.memory?.id, lines.length]).toEqual([scene.id, 1]);
  });
});

describe("while a ledger is rebuilt", () => {
  test("it gets a new id, and the announced one when it is done again", async () => {
    expect(await nextLedgerId(open().needs)).toBe("new 1");
    expect(await nextLedgerId(open({ memory: REMEMBERED }).needs)).toBe("new 1");
    expect(await nextLedgerId(open({ memory: { ...REMEMBERED, nextId: NEXT } }).needs)).toBe(NEXT);
  });

  test.each<[string, LedgerMemory | null, LedgerMemory]>([
    ["nothing", null, { id: NEXT, where: HERE, nextId: NEXT }],
    ["a ledger", REMEMBERED, { ...REMEMBERED, nextId: NEXT }],
  ])("a folder that remembers %s is told of the next one, which can be taken back", async (_, memory, announced) => {
    const { scene, needs } = open({ memory });
    const takeBack = await announceLedger(needs, NEXT);
    expect(scene.memory).toEqual(announced);
    await takeBack();
    expect(scene.memory).toEqual(memory);
  });

  test("afterwards the ledger is the folder's, and still to be kept for a while; without an id it is not", async () => {
    const { scene, needs } = open({ memory: REMEMBERED });
    await rememberLedger(needs);
    expect(scene.memory).toEqual(REMEMBERED);
    scene.id = NEXT;
    await rememberLedger(needs);
    expect(scene.memory).toEqual({ id: NEXT, where: HERE, nextId: NEXT });
  });
});
