// Names of runs: sortable by time, easy to type, safe in file names, job ids and Redis keys.

/**
 * `20261123-214544-3e73f9a2`: day, second, then the millisecond (3 hexadecimal digits) and chance (5). Which of two rosters is
 * the newer one is read off their runs' names, and two may be taken in one second. @param random at least 0, below 1
 */
export function makeRunId(nowMs: number, random: () => number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const millisecond = (((nowMs % 1000) + 1000) % 1000).toString(16).padStart(3, "0");
  const chance = Math.floor(random() * 0x100000)
    .toString(16)
    .padStart(5, "0");
  return `${stamp}-${millisecond}${chance}`;
}

export function isRunId(text: string): boolean {
  return /^\d{8}-\d{6}-[0-9a-f]{4,8}$/.test(text);
}

/** The second in which a run was named, ISO 8601, UTC; null for a text that names none. */
export function momentOf(runId: string): string | null {
  const match = isRunId(runId) ? /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(runId) : null;
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
