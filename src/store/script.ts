// Lua scripts by their fingerprint: a script travels once, and Redis need not read and hash its text each time. Those in pipelines
// (plan-record.ts, adoptions) travel with their text, since a pipeline cannot say it once more. What many jobs ask at the same moment
// travels together.

import { createHash } from "node:crypto";
import type { RedisConnection } from "./connection.ts";

const fingerprints = new Map<string, string>();

/** Runs a script. Redis forgets scripts when it starts anew; then the text is sent once more. */
export async function runScript(
  redis: RedisConnection,
  script: string,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(fingerprintOf(script), keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return redis.eval(script, keys.length, ...keys, ...args);
  }
}

/** SHA-1, as Redis names scripts. */
function fingerprintOf(script: string): string {
  let fingerprint = fingerprints.get(script);
  if (fingerprint === undefined) {
    fingerprint = createHash("sha1").update(script).digest("hex");
    fingerprints.set(script, fingerprint);
  }
  return fingerprint;
}

/** What all callers of a script for many have in common. Those with the same object travel together. */
export interface Common {
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

/** How many keys and arguments of such a script are common to all, and how many are each caller's own. */
export interface Shape {
  readonly common: { readonly keys: number; readonly args: number };
  readonly own: { readonly keys: number; readonly args: number };
}

export interface ScriptForMany extends Shape {
  readonly text: string;
}

/**
 * A script that one call runs for many, one after the other. `each` sees as KEYS and ARGV what is common, then what is its caller's own, and
 * as `caller` its number from 1; it answers neither nil nor an error. `before` holds functions for it, and what is read once for all, with
 * `ownKeys(n)` and `ownArgs(n)` as everybody's nth; `after` writes once for all. Of KEYS and ARGV themselves those two may look only at what is common.
 */
export function forEach(shape: Shape, each: string, before = "", after = ""): ScriptForMany {
  const { common, own } = shape;
  const text = `
local callers = (#ARGV - ${common.args}) / ${own.args}
local function everybodys(given, first, each)
  local all = {}
  for caller = 1, callers do all[caller] = given[first + (caller - 1) * each] end
  return all
end
local function ownKeys(n) return everybodys(KEYS, ${common.keys} + n, ${own.keys}) end
local function ownArgs(n) return everybodys(ARGV, ${common.args} + n, ${own.args}) end
${before}
local function each(KEYS, ARGV, caller)
${each}
end
local keys, args, answers = {}, {}, {}
for index = 1, ${common.keys} do keys[index] = KEYS[index] end
for index = 1, ${common.args} do args[index] = ARGV[index] end
for caller = 1, callers do
  for index = 1, ${own.keys} do keys[${common.keys} + index] = KEYS[${common.keys} + (caller - 1) * ${own.keys} + index] end
  for index = 1, ${own.args} do args[${common.args} + index] = ARGV[${common.args} + (caller - 1) * ${own.args} + index] end
  answers[caller] = each(keys, args, caller)
end
${after}
return answers`;
  return { ...shape, text };
}

/** So many at most: Redis does nothing else meanwhile. */
const MOST_TOGETHER = 64;

export type Together = (
  common: Common,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/**
 * What is asked for in one turn of the event loop is one script to Redis. When that fails, it fails for each of them, also for those who
 * came before the one whose fault it was: what they asked for may have been done.
 */
export function together(redis: RedisConnection, script: ScriptForMany): Together {
  interface Batch {
    readonly keys: string[];
    readonly args: (string | number)[];
    readonly callers: { resolve(answer: unknown): void; reject(error: unknown): void }[];
  }
  const open = new Map<Common, Batch>();

  async function send(common: Common, { keys, args, callers }: Batch): Promise<void> {
    open.delete(common);
    try {
      const answers = (await runScript(redis, script.text, keys, args)) as unknown[];
      if (answers.length !== callers.length) throw new Error("a script for many has not answered everybody");
      for (const [index, caller] of callers.entries()) caller.resolve(answers[index]);
    } catch (error) {
      for (const caller of callers) caller.reject(error);
    }
  }

  return (common, keys, args) =>
    new Promise((resolve, reject) => {
      // One too many would shift what is everybody's after it.
      if (!fits(common, script.common) || !fits({ keys, args }, script.own))
        throw new Error("a script for many was given another number of keys or arguments than it has");
      let batch = open.get(common);
      if (batch === undefined) {
        const opened: Batch = { keys: [...common.keys], args: [...common.args], callers: [] };
        batch = opened;
        open.set(common, opened);
        setImmediate(() => {
          if (open.get(common) === opened) void send(common, opened);
        });
      }
      batch.keys.push(...keys);
      batch.args.push(...args);
      batch.callers.push({ resolve, reject });
      if (batch.callers.length === MOST_TOGETHER) void send(common, batch);
    });
}

function fits(given: Common, { keys, args }: Shape["own"]): boolean {
  return given.keys.length === keys && given.args.length === args;
}
