// Names of runs: sortable by time, easy to type, safe in file names, job ids and Redis keys.

/** `20261123-214544-3f9a2c`. @param random at least 0, below 1 */
export function makeRunId(nowMs: number, random: () => number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const tail = Math.floor(random() * 0x1000000)
    .toString(16)
    .padStart(6, "0");
  return `${stamp}-${tail}`;
}

export function isRunId(text: string): boolean {
  return /^\d{8}-\d{6}-[0-9a-f]{4,8}$/.test(text);
}
