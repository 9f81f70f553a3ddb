// Reads the tasks of one user (tallyfy-api.md 2.14), as far as a terminal shows them.

import { z } from "zod";

export interface Task {
  readonly id: string;
  readonly title: string | null;
  readonly status: string | null;
  /** As Tallyfy wrote it. */
  readonly deadline: string | null;
}

const text = z.string().nullable().catch(null).default(null);
const taskShape = z.object({
  id: z.union([z.string().min(1), z.number().transform(String)]),
  title: text,
  name: text,
  status: text,
  deadline: text,
});

/** Null: not a task. */
export function readTask(item: unknown): Task | null {
  const parsed = taskShape.safeParse(item);
  if (!parsed.success) return null;
  const { id, title, name, status, deadline } = parsed.data;
  return { id, title: title ?? name, status, deadline };
}
