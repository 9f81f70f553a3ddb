// Progress of a run while it happens: one line that redraws itself on a terminal, a plain line now and then elsewhere.

import type { Run } from "../domain/run.ts";

const BAR_CELLS = 28;
/** Without a terminal: a line at every tenth of the work, and at least so often while something moves. */
const PLAIN_EVERY_MS = 5_000;

export interface Progress {
  /** Shows how the run stands; `remark` says what slows it, where something does. */
  show(run: Run, remark: string | null): void;
  /** Ends the line. */
  end(): void;
}

export function createProgress(out: NodeJS.WriteStream): Progress {
  return out.isTTY ? liveProgress(out) : plainProgress(out);
}

function liveProgress(out: NodeJS.WriteStream): Progress {
  let isDrawn = false;
  return {
    show(run, remark) {
      const { done, planned } = amounts(run);
      const share = planned === 0 ? 1 : done / planned;
      const filled = Math.round(share * BAR_CELLS);
      const bar = planned === 0 ? "" : `${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)} `;
      const text = `${bar}${describe(run)}${remark === null ? "" : ` · ${remark}`}`;
      out.write(`\r\u001b[2K${text.slice(0, Math.max(20, out.columns - 1))}`);
      isDrawn = true;
    },
    end() {
      if (isDrawn) out.write("\n");
      isDrawn = false;
    },
  };
}

function plainProgress(out: NodeJS.WriteStream): Progress {
  let shownTenth = -1;
  let shownText = "";
  let shownAt = 0;
  return {
    show(run, remark) {
      const { done, planned } = amounts(run);
      const tenth = planned === 0 ? 0 : Math.floor((done * 10) / planned);
      const text = `${describe(run)}${remark === null ? "" : ` · ${remark}`}`;
      const isDue = tenth > shownTenth || Date.now() - shownAt > PLAIN_EVERY_MS;
      if (text === shownText || !isDue) return;
      shownTenth = tenth;
      shownText = text;
      shownAt = Date.now();
      out.write(`${text}\n`);
    },
    end() {},
  };
}

function amounts(run: Run): { done: number; planned: number } {
  const { planned, open } = run.counts;
  return { done: planned - open, planned };
}

function describe(run: Run): string {
  if (run.state === "reading") return `run ${run.runId}: reading ${run.fileName}`;
  // What became of these is told below; here it is no work that goes on.
  if (run.state === "refused" || run.state === "held") return `run ${run.runId}: ${run.state}`;
  const { done, planned } = amounts(run);
  if (planned === 0) return `run ${run.runId}: nothing to create`;
  const { applied, already, rejected, exhausted } = run.counts.outcomes;
  const parts = [`${done} of ${planned}`, `${applied} created`];
  if (already > 0) parts.push(`${already} there already`);
  if (rejected + exhausted > 0) parts.push(`${rejected + exhausted} failed`);
  return parts.join(" · ");
}
