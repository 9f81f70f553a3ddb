import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Candidate,
  EMPTY_FACTOR,
  kindOfName,
  observe,
  readiness,
  type SidecarState,
  type Sighting,
  sidecarsOf,
  statedChecksum,
} from "../../src/domain/settling.ts";

const ALONE: SidecarState = { doneMtimeMs: null, checksum: "none" };
const SETTLE_MS = 1000;

describe("a name in the inbox", () => {
  it.each([
    "monday.csv",
    "MONDAY.CSV",
    "roster.txt",
    "a.b.tsv",
    "Mitarbeiter März.csv",
    "export.xlsx",
    "roster.csv.gz",
  ])("%s is taken", (name) => expect(kindOfName(name)).toEqual({ kind: "roster" }));

  it.each([
    ".~lock.monday.csv#",
    "~$monday.xlsx",
    "monday.csv.filepart",
    "monday.csv.part",
    "monday.tmp",
    "monday.csv.crdownload",
    ".DS_Store",
    "Thumbs.db",
    ".monday.csv.swp",
    "monday.csv~",
    ".claim.20261123-214544-3f9a.monday.csv",
  ])("%s is ignored without a word", (name) => expect(kindOfName(name)).toEqual({ kind: "temporary" }));

  it.each(["README", "monday.bak", "monday.csv.old", "monday"])("%s is a stranger", (name) =>
    expect(kindOfName(name)).toEqual({ kind: "stranger" }),
  );

  it("ending in .done or .sha256 belongs to the roster beside it", () => {
    expect(kindOfName("Monday.csv.DONE")).toEqual({ kind: "sidecar", mark: "done", of: "Monday.csv" });
    expect(kindOfName("monday.sha256")).toEqual({ kind: "sidecar", mark: "sha256", of: "monday" });
  });
});

describe("sidecars", () => {
  it("are found by the whole name or by its stem, capitals aside", () => {
    const names = ["monday.csv", "Monday.CSV.done", "monday.sha256", "tuesday.csv.done"];
    expect(sidecarsOf("monday.csv", names)).toEqual(
      new Map([
        ["sha256", "monday.sha256"],
        ["done", "Monday.CSV.done"],
      ]),
    );
  });

  it("with a stem that two rosters share belong to neither", () => {
    expect(sidecarsOf("monday.csv", ["monday.csv", "monday.txt", "monday.done"]).size).toBe(0);
  });

  it("state a checksum alone or as sha256sum writes it", () => {
    const hex = "A".repeat(64);
    const stated = hex.toLowerCase();
    expect(statedChecksum(`${hex}\r\n`, "monday.csv")).toBe(stated);
    expect(statedChecksum(`${"b".repeat(64)}  other.csv\n${hex} *./out/monday.csv\n`, "monday.csv")).toBe(stated);
    expect(statedChecksum(`${hex}  my roster.csv`, "my roster.csv")).toBe(stated);
    expect(statedChecksum(`${hex}  other.csv\n`, "monday.csv")).toBeNull();
    expect(statedChecksum("", "monday.csv")).toBeNull();
    expect(statedChecksum(hex.slice(1), "monday.csv")).toBeNull();
  });
});

function seen(sighting: Partial<Sighting>, sinceMs = 0): Candidate {
  return observe(null, { size: 10, mtimeMs: 500, inode: 1, ...sighting }, sinceMs);
}

describe("a file", () => {
  it("is ready when every look for the settling time showed the same, not before", () => {
    expect(readiness(seen({}), ALONE, SETTLE_MS, 999)).toEqual({ kind: "wait", lookAgainMs: 1000 });
    expect(readiness(seen({}), ALONE, SETTLE_MS, 1000)).toEqual({ kind: "ready" });
  });

  it.each<[string, Partial<Sighting>]>([
    ["size", { size: 11 }],
    ["time", { mtimeMs: 501 }],
    ["identity", { inode: 2 }],
  ])("starts over when its %s changed", (_what, change) => {
    const candidate = observe(seen({}), { ...seen({}).sighting, ...change }, 900);
    expect(readiness(candidate, ALONE, SETTLE_MS, 1899)).toEqual({ kind: "wait", lookAgainMs: 1900 });
    expect(candidate.firstSeenMs).toBe(0);
  });

  it("that is empty waits longer for its content", () => {
    expect(readiness(seen({ size: 0 }), ALONE, SETTLE_MS, SETTLE_MS).kind).toBe("wait");
    expect(readiness(seen({ size: 0 }), ALONE, SETTLE_MS, SETTLE_MS * EMPTY_FACTOR).kind).toBe("ready");
  });

  it("is ready at once beside a .done written after it, and settles as usual beside an older one", () => {
    expect(readiness(seen({}), { ...ALONE, doneMtimeMs: 500 }, SETTLE_MS, 0).kind).toBe("ready");
    expect(readiness(seen({}), { ...ALONE, doneMtimeMs: 499 }, SETTLE_MS, 0).kind).toBe("wait");
  });

  it("is compared with its .sha256 once it rests, and never ready when they differ", () => {
    expect(readiness(seen({}), { ...ALONE, checksum: "unchecked" }, SETTLE_MS, 0).kind).toBe("wait");
    expect(readiness(seen({}), { ...ALONE, checksum: "unchecked" }, SETTLE_MS, 1000).kind).toBe("compare");
    expect(readiness(seen({}), { doneMtimeMs: 500, checksum: "unchecked" }, SETTLE_MS, 0).kind).toBe("compare");
    expect(readiness(seen({}), { doneMtimeMs: 500, checksum: "differs" }, SETTLE_MS, 1e9).kind).toBe("mismatch");
    expect(readiness(seen({}), { ...ALONE, checksum: "matches" }, SETTLE_MS, 1000).kind).toBe("ready");
  });

  it("does not wait longer because the clock was set back", () => {
    const candidate = observe(seen({}, 5_000_000), seen({}).sighting, 100);
    expect(readiness(candidate, ALONE, SETTLE_MS, 1100).kind).toBe("ready");
  });
});

describe("whenever one looks", () => {
  const pauses = fc.array(fc.integer({ min: 1, max: SETTLE_MS - 1 }), { minLength: 1, maxLength: 30 });
  const looks = fc.array(fc.integer({ min: 1, max: 3 * SETTLE_MS }), { minLength: 1, maxLength: 60 });

  it("a file that still grows, with pauses shorter than the settling time, is never ready", () => {
    fc.assert(
      fc.property(pauses, looks, (writePauses, lookPauses) => {
        const writes: number[] = [];
        for (const pause of writePauses) writes.push((writes.at(-1) ?? 0) + pause);
        const lastWriteMs = writes.at(-1) ?? 0;
        let candidate: Candidate | null = null;
        let nowMs = 0;
        for (const pause of lookPauses) {
          nowMs += pause;
          const written = writes.filter((ms) => ms <= nowMs);
          const sighting = { size: 1 + written.length, mtimeMs: written.at(-1) ?? 0, inode: 1 };
          candidate = observe(candidate, sighting, nowMs);
          if (readiness(candidate, ALONE, SETTLE_MS, nowMs).kind === "ready")
            expect(nowMs).toBeGreaterThan(lastWriteMs);
        }
      }),
    );
  });

  it("a file that rests is ready at the moment that was named, or asked for sooner", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.integer({ min: 0, max: 1e5 }), (sinceMs, size, settleMs) => {
        const candidate = seen({ size }, sinceMs);
        const first = readiness(candidate, ALONE, settleMs, sinceMs);
        if (first.kind !== "wait") return;
        expect(
          readiness(observe(candidate, candidate.sighting, first.lookAgainMs), ALONE, settleMs, first.lookAgainMs),
        ).toEqual({
          kind: "ready",
        });
      }),
    );
  });
});
