// What happens in a world, from its seed alone: how many people, which processes, how Tallyfy behaves, who dies at which step, and
// the disasters in their order. A seed gives the same plan on every machine; only how the processes interleave is theirs.

import type { RateLimitSwitch, SwitchChanges, TakenAs } from "../../src/sandbox/switches.ts";
import { chanceFrom } from "../support/chance.ts";
import { BAD_WEATHERS, type Weather } from "./network.ts";
import { BY_COMMAND, DEATHS, EFFECTS, type FailPoint, type Scene } from "./steps.ts";

/** So many that twenty worlds go through every step. */
export const DEATHS_PER_WORLD = Math.ceil(EFFECTS.length / 20);

export type Act =
  | { readonly kind: "kill"; readonly process: number }
  | { readonly kind: "redis-killed" }
  /** Back to how it was a moment ago. */
  | { readonly kind: "redis-forgets"; readonly forMs: number }
  /** Everything, and the ledger is rebuilt before anything starts again. */
  | { readonly kind: "redis-lost" }
  | { readonly kind: "redis-full"; readonly forMs: number }
  /** To a replica that was cut off so long before. */
  | { readonly kind: "redis-fails-over"; readonly lagMs: number }
  | { readonly kind: "disk-full"; readonly forMs: number }
  | { readonly kind: "weather"; readonly weather: Weather; readonly share: number; readonly forMs: number }
  | { readonly kind: "clock"; readonly process: number; readonly byMs: number; readonly forMs: number }
  | { readonly kind: "revoke"; readonly which: "app" | "user" | undefined }
  | { readonly kind: "credentials-refused"; readonly forMs: number }
  | { readonly kind: "seats"; readonly forMs: number }
  | { readonly kind: "replace"; readonly leaves: number; readonly joins: number }
  | { readonly kind: "bad-file" }
  | { readonly kind: "same-file" }
  | { readonly kind: "command" }
  | { readonly kind: "drain" };

export interface Moment {
  /** Comes when so much of the first roster is created, or after so long. */
  readonly atShare: number;
  readonly patienceMs: number;
  readonly act: Act;
}

export interface WorldPlan {
  readonly seed: number;
  readonly people: number;
  /** So many of them are members from the start. */
  readonly adopted: number;
  /** The roles of each process. */
  readonly processes: readonly (readonly string[])[];
  /** At which steps each process dies, each once, in the order in which it comes to them. */
  readonly deaths: readonly (readonly FailPoint[])[];
  /** At which step a person's own commands die, each once. */
  readonly commandDeaths: readonly FailPoint[];
  readonly switches: SwitchChanges;
  readonly settings: Readonly<Record<string, string>>;
  readonly isHeld: boolean;
  readonly moments: readonly Moment[];
}

/** `step:when` of each death that is planned. */
export function placesOf({ deaths, commandDeaths }: WorldPlan): readonly string[] {
  return [...new Set([...deaths.flat(), ...commandDeaths].map(({ step, when }) => `${step}:${when}`))];
}

const HOUR_MS = 3_600_000;
const TAKEN: readonly TakenAs[] = [
  "409",
  "422",
  "422-laravel",
  "422-string",
  "422-nested",
  "400",
  "structured",
  "200-existing",
];

export function planWorld(seed: number): WorldPlan {
  const chance = chanceFrom(seed * 7919 + 13);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)] as T;
  const between = (low: number, high: number) => low + Math.floor(chance() * (high - low + 1));
  const often = (share: number) => chance() < share;
  // Drawn apart, so that a seed's world stays what it was.
  const lagChance = chanceFrom(seed * 104_729 + 7);
  const lag = () => (lagChance() < 0.4 ? 0 : Math.ceil(lagChance() * 1000));

  const chosen = deathsOf(seed);
  const scenes = new Set<Scene>(chosen.map(({ scene }) => scene));
  const people = between(20, 120);
  const processes = pick([[["all"]], [["all"], ["worker"]], [["intake", "web"], ["worker"]]]);
  // Until it is released nobody is created, and what the deaths need finds nothing to do.
  const isHeld = scenes.has("held") || (scenes.has("always") && scenes.size === 1 && often(0.08));
  const faulty = scenes.has("faults") || often(0.7);

  const points = chosen.map((death): FailPoint => {
    return { step: death.name, when: death.when, call: between(1, death.calls) };
  });
  const commandDeaths = points.filter(({ step }) => BY_COMMAND[step] !== undefined);
  const deaths = processes.map((_, index) =>
    points.filter((point) => !commandDeaths.includes(point) && comesTo(point, index, processes)),
  );

  const acts: Act[] = [];
  if (scenes.has("refused") || often(0.15)) acts.push({ kind: "bad-file" });
  if (scenes.has("seats") || often(0.12))
    acts.push({ kind: "seats", forMs: scenes.has("seats") ? between(4000, 6000) : between(300, 900) });
  if (scenes.has("lost")) acts.push({ kind: "redis-lost" });
  if (scenes.has("revoked")) acts.push({ kind: "revoke", which: undefined });
  if (scenes.has("drained") || often(0.06)) acts.push({ kind: "drain" });
  if (scenes.has("command") || often(0.12)) acts.push({ kind: "command" });
  if (!isHeld && (scenes.has("replaced") || often(0.3))) {
    // Which of the two is newer must not hang on a clock.
    if (often(0.3)) acts.push({ kind: "clock", process: 0, byMs: pick([-30, -1, 3]) * HOUR_MS, forMs: 2_500 });
    acts.push({ kind: "replace", leaves: often(0.5) ? between(1, 2) : 0, joins: between(1, 15) });
  }
  for (let count = between(2, 3); count > 0; count -= 1) acts.push(disaster(processes.length));

  function disaster(running: number): Act {
    const process = Math.floor(chance() * running);
    switch (Math.floor(chance() * 13)) {
      case 0:
      case 1:
        return { kind: "kill", process };
      case 2:
        return { kind: "redis-killed" };
      case 3:
        return { kind: "redis-forgets", forMs: between(100, 1000) };
      case 4:
        return { kind: "redis-full", forMs: between(200, 1000) };
      case 5:
        return { kind: "redis-fails-over", lagMs: lag() };
      case 6:
        return { kind: "disk-full", forMs: between(200, 1000) };
      case 7:
      case 8:
        return { kind: "weather", weather: pick(BAD_WEATHERS), share: 0.1 + chance() * 0.5, forMs: between(300, 1500) };
      case 9:
        return { kind: "clock", process, byMs: pick([-30, -3, -1, 1, 3, 26]) * HOUR_MS, forMs: between(300, 1500) };
      case 10:
        if (often(0.3)) return { kind: "credentials-refused", forMs: between(200, 800) };
        return often(0.5) ? { kind: "revoke", which: pick(["app", "user", undefined]) } : { kind: "same-file" };
      case 11:
        return { kind: "redis-lost" };
      default:
        return { kind: "weather", weather: "away", share: 1, forMs: between(500, 2500) };
    }
  }

  // What the deaths of this world need comes first, while there is enough to do.
  const needed = acts.filter((act) =>
    chosen.some(({ scene }) => act === acts.find(({ kind }) => kind === NEEDED_BY[scene])),
  );
  const others = acts
    .filter((act) => !needed.includes(act))
    .map((act) => ({ act, roll: chance() }))
    .sort((a, b) => a.roll - b.roll);
  const order = [...needed, ...others.map(({ act }) => act)];
  const moments = order.map((act, index) => ({
    atShare: ((index + 1) / (order.length + 1)) * 0.9,
    patienceMs: needed.includes(act) ? 8_000 : 2_500,
    act,
  }));
  return {
    seed,
    people,
    adopted: often(0.5) ? between(0, 5) : 0,
    processes,
    deaths,
    commandDeaths,
    isHeld,
    moments,
    switches: {
      ...(faulty ? faults() : {}),
      takenAs: pick(TAKEN),
      createStatus: pick([200, 201]),
      createAnswer: often(0.15) ? pick(["without-id", "empty"]) : "documented",
      createdUserStatus: pick(["active", "invited"]),
      readAfterWriteDelayMs: often(0.25) ? between(50, 500) : 0,
      errorBodyShape: shape(),
      rateLimit: limited(),
    },
    settings: {
      RATE_PER_SECOND: String(scenes.has("always") ? between(40, 120) : between(20, 40)),
      ...(often(0.5) || scenes.has("revoked") ? { TOKEN_ENCRYPTION_KEY: "0".repeat(63) + String(seed % 10) } : {}),
      // What the workers have in hand cannot be taken from the queue.
      ...(scenes.has("drained") ? { WORKER_CONCURRENCY: "1" } : {}),
      ...(isHeld ? { LIMITS_CREATE_COUNT: "5", LIMITS_CREATE_PERCENT: "0" } : {}),
    },
  };

  function shape(): NonNullable<SwitchChanges["errorBodyShape"]> {
    const drawn = often(0.2)
      ? pick(["laravel", "structured", "legacy", "plain-text", "html", "empty"] as const)
      : "json";
    // Where Tallyfy does not say that it is for want of a seat, nothing halts.
    return scenes.has("seats") ? "json" : drawn;
  }

  function limited(): Partial<RateLimitSwitch> {
    // Where headers tell the limit nobody is refused.
    const isUntold = scenes.has("refusals");
    const isNeeded = scenes.has("limits") || isUntold;
    if (!often(0.4) && !isNeeded) return {};
    return {
      kind: pick(["fixed", "sliding"]),
      max: isNeeded ? 10 : between(30, 60),
      windowMs: 500,
      retryAfter: pick(["seconds", "date", "none"]),
      headers: (often(0.5) || isNeeded) && !isUntold,
    };
  }

  function faults(): SwitchChanges {
    return {
      failBeforeWriteShare: chance() * 0.08 + (scenes.has("faults") ? 0.1 : 0),
      failAfterWriteShare: chance() * 0.08 + (scenes.has("faults") ? 0.1 : 0),
      failStatus: pick([500, 502, 503, 504]),
      resetShare: chance() * 0.05,
      hangShare: often(0.4) ? chance() * 0.02 : 0,
      hangWhen: "either",
      truncatedBodyShare: often(0.4) ? chance() * 0.05 : 0,
      truncatedBody: pick(["connection", "json"]),
      latencyMs: { min: 0, max: between(1, 40) },
    };
  }
}

/** What must happen for a step of the scene to be reached. */
export const NEEDED_BY: Partial<Record<Scene, Act["kind"]>> = {
  refused: "bad-file",
  lost: "redis-lost",
  revoked: "revoke",
  seats: "seats",
  drained: "drain",
  command: "command",
  replaced: "replace",
};

/** Twenty worlds in a row go through all steps; what a later round dies at is the same, in another world. */
function deathsOf(seed: number): readonly (typeof DEATHS)[number][] {
  const first = (seed - 1) * DEATHS_PER_WORLD;
  return Array.from({ length: DEATHS_PER_WORLD }, (_, index) => {
    const at = (((first + index) % DEATHS.length) + DEATHS.length) % DEATHS.length;
    return DEATHS[at] as (typeof DEATHS)[number];
  });
}

const WORKERS_STEPS = /^(tallyfy\.createUser|runs\.begin)$/;
/** Of whoever is first: only that one dies there, or each of them. */
const SHARED_STEPS =
  /^(tallyfy\.(probe|findMember)|vault|signals|pace|provisioning\.(pause|resume)$|runs\.(release|settle)$)/;

/** Whether a process may come to this step: where a worker runs beside another process, either may be the one. */
function comesTo({ step }: FailPoint, index: number, processes: readonly (readonly string[])[]): boolean {
  const isWorker = processes[index]?.includes("worker") === true;
  const isAll = processes[index]?.includes("all") === true;
  if (isAll || SHARED_STEPS.test(step)) return true;
  return WORKERS_STEPS.test(step) === isWorker;
}
