// A run's plan in Redis. It is written part by part while the roster is read, so that it is never in memory as a whole, and
// is out of everybody's sight until it is published. Writing a part twice changes nothing: a command whose answer was lost is
// sent again. What a later part withdraws is left where it is and passed over.

import { randomUUID } from "node:crypto";
import type { ProvisioningJob, Reading } from "../app/ports.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Adoption, Change, Operation, PlanPart, Skip } from "../domain/plan.ts";
import { ReadingLost } from "../domain/reading-lost.ts";
import { answersOf } from "./answers.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { BEGIN_READING, OPEN_JOBS, READING_LOST, RECORD, RECORD_CHANGES } from "./run-scripts.ts";
import { runScript } from "./script.ts";

/** Redis is kept busy for less than a millisecond by so many fields. */
const CHUNK = 500;

export interface PlanRecord {
  /** Removes what was written, and ends earlier readings of the run. @throws ReadingLost as the port says, `write` too */
  begin(runId: string, before?: Reading): Promise<Reading>;
  /** Writes the part of this number (from 0). */
  write(reading: Reading, number: number, part: PlanPart): Promise<void>;
  adoptions(runId: string): AsyncGenerator<readonly Adoption[]>;
  skips(runId: string): AsyncGenerator<readonly Skip[]>;
  openChanges(runId: string): AsyncGenerator<readonly Change[]>;
  changes(runId: string): AsyncGenerator<readonly ChangeNow[]>;
  openJobs(runId: string): AsyncGenerator<readonly ProvisioningJob[]>;
}

/** A change and what became of it; null: open. */
interface ChangeNow {
  readonly key: string;
  readonly line: number;
  readonly outcome: Outcome | null;
}

/** The keys of a plan. */
export function planKeys(keys: Keys, runId: string): string[] {
  const { changes, order, adoptions, skips, withdrawn, withdrawnLines } = keys;
  return [changes, order, adoptions, skips, withdrawn, withdrawnLines].map((key) => key(runId));
}

export function createPlanRecord(redis: RedisConnection, keys: Keys): PlanRecord {
  /** All in one round trip; each command looks whether this is still the latest reading of the run. */
  async function send(
    { runId, id }: Reading,
    commands: readonly (readonly [key: string, command: string, ...string[]])[],
    changes: readonly [number: string, jobs: string, texts: string] | null = null,
  ) {
    const pipeline = redis.pipeline();
    const run = keys.run(runId);
    if (changes !== null) pipeline.eval(RECORD_CHANGES, 3, run, keys.changes(runId), keys.order(runId), id, ...changes);
    for (const [key, ...command] of commands) pipeline.eval(RECORD, 2, run, key, id, ...command);
    const failed = (await pipeline.exec())?.find(([error]) => error !== null);
    if (failed !== undefined) throw asLost(failed[0]);
  }

  /** What one kind of part has of each number, in order. */
  async function* partsOf<T>(runId: string, key: string): AsyncGenerator<readonly T[]> {
    const count = await redis.hlen(keys.order(runId));
    for (let number = 0; number < count; number += 1) {
      const text = await redis.hget(key, `${number}`);
      if (text !== null) yield JSON.parse(text) as T[];
    }
  }

  /** The changes of these people that are open, and the outcomes of the others. */
  async function readBoth(runId: string, people: readonly string[]): Promise<(readonly (string | null)[])[]> {
    const fields = [...people];
    const answers = await redis
      .multi()
      .hmget(keys.changes(runId), ...fields)
      .hmget(keys.outcomes(runId), ...fields)
      .exec();
    return answersOf(answers) as (string | null)[][];
  }

  /** Those items whose line was not withdrawn later. */
  async function* standing<T extends { readonly line: number }>(runId: string, key: string) {
    const isAnyWithdrawn = (await redis.exists(keys.withdrawn(runId))) === 1;
    for await (const items of partsOf<T>(runId, key)) {
      if (!isAnyWithdrawn) {
        yield items;
        continue;
      }
      const withdrawn = await redis.hmget(keys.withdrawn(runId), ...items.map(({ line }) => `${line}`));
      yield items.filter((_, index) => withdrawn[index] === null);
    }
  }

  /** What stands instead of what was withdrawn, in the order of the roster. There may be hundreds of thousands. */
  async function* withdrawnOf(runId: string): AsyncGenerator<Skip> {
    for (let start = 0; ; start += CHUNK) {
      const lines = await redis.zrange(keys.withdrawnLines(runId), start, String(start + CHUNK - 1));
      if (lines.length === 0) return;
      for (const text of await redis.hmget(keys.withdrawn(runId), ...lines)) {
        if (text !== null) yield JSON.parse(text) as Skip;
      }
    }
  }

  async function* skipsOf(runId: string): AsyncGenerator<Skip> {
    const withdrawn = withdrawnOf(runId);
    let other = await withdrawn.next();
    for await (const items of standing<Skip>(runId, keys.skips(runId))) {
      for (const item of items) {
        for (; other.done !== true && other.value.line < item.line; other = await withdrawn.next()) yield other.value;
        yield item;
      }
    }
    for (; other.done !== true; other = await withdrawn.next()) yield other.value;
  }

  return {
    async begin(runId, before) {
      const id = randomUUID();
      const touched = [keys.run(runId), ...planKeys(keys, runId), keys.outcomes(runId)];
      await orLost(runScript(redis, BEGIN_READING, touched, [id, before?.id ?? ""]));
      return { runId, id };
    },

    async write(reading, number, { changes, adoptions, skips, withdrawn }) {
      const { runId } = reading;
      const jobs = JSON.stringify(changes.map(({ op, key }) => `${op} ${key}`));
      const texts = changes.map((change) => JSON.stringify(change)).join("\n");
      const commands: (readonly [string, string, ...string[]])[] = [];
      if (adoptions.length > 0) {
        commands.push([keys.adoptions(runId), "HSET", `${number}`, JSON.stringify(adoptions)]);
      }
      if (skips.length > 0) commands.push([keys.skips(runId), "HSET", `${number}`, JSON.stringify(skips)]);
      for (const some of chunks(withdrawn)) {
        const fields = some.flatMap((skip) => [`${skip.line}`, JSON.stringify(skip)]);
        commands.push([keys.withdrawn(runId), "HSET", ...fields]);
        commands.push([keys.withdrawnLines(runId), "ZADD", ...some.flatMap(({ line }) => [`${line}`, `${line}`])]);
        // Of one key only the first line ever gets a change, so that this takes nobody else's.
        commands.push([keys.changes(runId), "HDEL", ...some.flatMap(({ key }) => key ?? [])]);
      }
      await send(reading, commands, [`${number}`, jobs, texts]);
    },

    adoptions: (runId) => standing<Adoption>(runId, keys.adoptions(runId)),

    skips: (runId) => inPages(skipsOf(runId)),

    async *openChanges(runId) {
      for await (const jobs of partsOf<string>(runId, keys.order(runId))) {
        for (const some of chunks(jobs)) {
          const found = await redis.hmget(keys.changes(runId), ...some.map((text) => jobFrom(runId, text).key));
          const open = found.filter((text) => text !== null).map((text) => JSON.parse(text) as Change);
          if (open.length > 0) yield open;
        }
      }
    },

    async *changes(runId) {
      for await (const jobs of partsOf<string>(runId, keys.order(runId))) {
        for (const some of chunks(jobs)) {
          const people = some.map((text) => jobFrom(runId, text).key);
          // Both at one moment: a change that is settled in between would be in neither.
          const [open = [], settled = []] = await readBoth(runId, people);
          yield people.flatMap((key, index): ChangeNow[] => {
            const outcome = settled[index] ?? null;
            const change = open[index] ?? null;
            if (outcome !== null) return [{ key, ...(JSON.parse(outcome) as Omit<ChangeNow, "key">) }];
            return change === null ? [] : [{ key, line: (JSON.parse(change) as Change).line, outcome: null }];
          });
        }
      }
    },

    async *openJobs(runId) {
      const fetch = (number: number) =>
        runScript(redis, OPEN_JOBS, [keys.order(runId), keys.changes(runId)], [number]) as Promise<string[] | null>;
      // The next part is on its way while the one before is worked on.
      let coming = fetch(0);
      for (let number = 1; ; number += 1) {
        const open = await coming;
        if (open === null) return;
        coming = fetch(number);
        coming.catch(() => undefined);
        if (open.length > 0) yield open.map((text) => jobFrom(runId, text));
      }
    },
  };
}

/** What a script that takes a reading answers. @throws ReadingLost */
export async function orLost(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((error: unknown) => {
    throw asLost(error);
  });
}

function asLost(error: unknown): unknown {
  const isLost = error instanceof Error && error.message.startsWith(READING_LOST);
  return isLost ? new ReadingLost({ cause: error }) : error;
}

function jobFrom(runId: string, text: string): ProvisioningJob {
  const space = text.indexOf(" ");
  return { runId, op: text.slice(0, space) as Operation, key: text.slice(space + 1) };
}

async function* inPages<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < CHUNK) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += CHUNK) yield items.slice(start, start + CHUNK);
}
