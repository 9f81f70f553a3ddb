// Walks a list page by page and believes only what can be counted: not `per_page`, not `total_pages`, not `links`
// (tallyfy-api.md 2.4). One pass, one request for each page; nothing is tried again.

import { z } from "zod";
import { TallyfyError } from "../domain/tallyfy-error.ts";

export const PAGE_SIZE = 100;

export interface Page {
  readonly items: readonly unknown[];
  /** How many there are on all pages together; null: not said. */
  readonly total: number | null;
}

export interface Walk {
  readonly fetch: (page: number) => Promise<Page>;
  /** What makes two items the same. */
  readonly keyOf: (item: unknown) => string;
  /**
   * `complete`: ends normally only when as many different items came as `total` says; without a total there is no proof,
   * hence no end. `search`: may also end on an empty page, or on a repeated one where no total was said.
   */
  readonly mode: "complete" | "search";
  /** What is walked, for messages: "the member list". */
  readonly what: string;
}

/** A server that brings something new for ever is not believed. */
const MAX_SEARCH_PAGES = 1000;
/** Nor one that says it has more than any organisation: what is read is kept in memory. */
const MAX_ENTRIES = 5_000_000;

const count = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
const listAnswer = z.object({
  data: z.array(z.unknown()),
  meta: z
    .object({
      pagination: z
        .object({ total: count.nullable().catch(null) })
        .nullable()
        .catch(null),
    })
    .nullable()
    .catch(null),
});

/** The list envelope; null when there is no list in it. */
export function readPage(json: unknown): Page | null {
  const parsed = listAnswer.safeParse(json);
  if (!parsed.success) return null;
  return { items: parsed.data.data, total: parsed.data.meta?.pagination?.total ?? null };
}

/** The new items of each page. @throws TallyfyError of kind `protocol` when the list does not add up */
export async function* walkPages({ fetch, keyOf, mode, what }: Walk): AsyncGenerator<readonly unknown[]> {
  const seen = new Set<string>();
  let total: number | null = null;
  for (let number = 1; ; number += 1) {
    const page = await fetch(number);
    const isComplete = mode === "complete";
    if (isComplete && page.total === null) throw oddList(what, "does not say how many entries it has");
    if (page.total !== null && page.total > MAX_ENTRIES) throw oddList(what, `says that it has ${page.total} entries`);
    if (isComplete && number > 1 && page.total !== total) throw oddList(what, "changed while it was read");
    total = page.total;

    const fresh: unknown[] = [];
    for (const item of page.items) {
      const key = keyOf(item);
      if (seen.has(key)) continue;
      seen.add(key);
      fresh.push(item);
    }
    if (fresh.length > 0) yield fresh;

    if (total !== null && seen.size === total) return;
    if (!isComplete && (page.items.length === 0 || number === MAX_SEARCH_PAGES)) return;
    if (total !== null && seen.size > total)
      throw oddList(what, `has more entries (${seen.size}) than it says (${total})`);
    if (fresh.length > 0) continue;
    if (total === null) return;
    const fault = page.items.length === 0 ? "ends" : "repeats itself";
    throw oddList(what, `${fault} after ${seen.size} of ${total} entries`);
  }
}

function oddList(what: string, fault: string): TallyfyError {
  return new TallyfyError({
    kind: "protocol",
    status: 200,
    code: null,
    fields: [],
    retryAfterMs: null,
    wasSent: true,
    requestId: null,
    message: `${what} that Tallyfy sent ${fault}, so it was not used. Usually users came or went meanwhile, by hand or by a run under way: read it again later.`,
  });
}
