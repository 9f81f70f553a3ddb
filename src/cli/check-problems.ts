// The problems of a roster as they stream by: counted by kind, with the first lines of each, what to do, and the settings
// that would settle them. Holds little, however many problems there are.

import type { Issue, Setting } from "../domain/employee.ts";

/** One kind of problem. */
export interface ProblemGroup {
  readonly code: string;
  readonly count: number;
  /** The first few, in file order. */
  readonly first: readonly Issue[];
  /** What to do, in different words at most three times. */
  readonly fixes: readonly string[];
}

export interface Problems {
  readonly groups: readonly ProblemGroup[];
  /** What would settle what is open, each once. */
  readonly settings: readonly Setting[];
}

/** Such a refusal repeats the first problems of the rows. */
const NOTHING_READABLE = "nothing-readable";
const SHOWN = 10;
const FIXES = 3;
const SETTINGS = 100;

export interface ProblemTally {
  add(issue: Issue): void;
  /** What would settle something that is no problem. */
  propose(setting: Setting): void;
  /** Why the file is refused: said before the problems of its rows. One of those that it repeats is not counted again. */
  refuse(issues: readonly Issue[]): void;
  problems(): Problems;
}

export function tallyProblems(): ProblemTally {
  const groups = new Map<string, { code: string; count: number; first: Issue[]; fixes: string[] }>();
  const settings = new Map<string, Setting>();
  const reasons = new Set<string>();

  function add(issue: Issue): void {
    const { code, fix, setting } = issue;
    const group = groups.get(code) ?? { code, count: 0, first: [], fixes: [] };
    groups.set(code, group);
    group.count += 1;
    if (group.first.length < SHOWN) group.first.push(issue);
    if (group.fixes.length < FIXES && !group.fixes.includes(fix)) group.fixes.push(fix);
    if (setting !== undefined) propose(setting);
  }

  function propose(setting: Setting): void {
    if (settings.size >= SETTINGS) return;
    const id = JSON.stringify([setting.path, isList(setting) ? setting.value : null]);
    if (!settings.has(id)) settings.set(id, setting);
  }

  return {
    add,
    propose,
    refuse(issues) {
      const isTold = groups.size > 0 && issues.some(({ code }) => code === NOTHING_READABLE);
      for (const issue of issues) {
        if (isTold && issue.code !== NOTHING_READABLE) continue;
        add(issue);
        reasons.add(issue.code);
      }
    },
    problems: () => ({
      groups: [...groups.values()].sort((a, b) => Number(reasons.has(b.code)) - Number(reasons.has(a.code))),
      settings: [...settings.values()],
    }),
  };
}

/** A status word, for which nobody but a person can choose a side. */
export function isStatusWord({ path }: Setting): boolean {
  return path === "roster.status";
}

/** Options that take several words; of all others the first proposal stands. */
export function isList(setting: Setting): boolean {
  return Array.isArray(setting.value) || isStatusWord(setting);
}
