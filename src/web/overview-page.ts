// The page at `/`: what is wrong and what to do, where everything stands, how fast it goes, how the last runs ended.
// Written for somebody tired who has a minute. It shows file names and counts, never people.

import { leftOut } from "../domain/exit.ts";
import { RELEASE_IN_DOUBT, releaseCommand } from "../domain/hold.ts";
import type { Run, RunCounts } from "../domain/run.ts";
import { needsReason } from "../domain/trust.ts";
import { asTyped } from "../invocation.ts";
import { type Html, html } from "./html.ts";
import { bar, command, moment, outcomeBar, outcomeText, type Page, type PageContext, statePill } from "./layout.ts";
import type { Health, Pace, Problem } from "./overview-sources.ts";
import type { QueueCounts, Snapshot } from "./snapshot.ts";
import {
  duration,
  grouped,
  OUTCOME_ORDER,
  OUTCOME_WORDS,
  plural,
  STATE_WORDS,
  TRIGGER_WORDS,
  WAITING_WORDS,
  WINDOW_WORDS,
} from "./words.ts";

const REDIS_GONE: Problem = {
  what: "Redis does not answer.",
  doThis:
    "Nothing is lost and everything goes on by itself once it is back. Start it again, and see the daemon's log or " +
    "`roster-sync doctor` if it stays away.",
};

/** @param snapshot null when Redis did not answer */
export function overviewPage(snapshot: Snapshot | null, context: PageContext): Page {
  const health: Health = snapshot?.health ?? {
    status: "red",
    isTallyfyTroubled: false,
    problems: [REDIS_GONE],
    roles: [],
  };
  return {
    title: { ok: "All is well", warning: "Needs a look", red: "Something is wrong" }[health.status],
    path: "/",
    isLive: true,
    body: html`<h1 class="unseen">Overview</h1>
${healthSection(health, snapshot, context)}
${
  snapshot !== null &&
  html`${heldSection(snapshot.unfinished, context)}
${flowSection(snapshot, context)}
<div class="pair">
${paceSection(snapshot.pace, health, context)}
${queuesSection(snapshot.queues.sync, snapshot.queues.provision)}
</div>
${runsSection(snapshot, context)}
${glossary()}`
}`,
  };
}

function healthSection(health: Health, snapshot: Snapshot | null, context: PageContext): Html {
  const held = snapshot?.unfinished.filter((run) => run.state === "held").map((run) => run.runId) ?? [];
  const problems = health.problems.filter(({ heldRunId }) => heldRunId === undefined || !held.includes(heldRunId));
  const warning = problems.length > 0 ? "Something needs a look." : "A run waits for your decision.";
  const headline = { ok: "All is well.", warning, red: "Something is wrong." }[health.status];
  const sign = { ok: "✓", warning: "!", red: "×" }[health.status];
  return html`<section id="health" class="health ${health.status}" aria-live="polite" data-live>
<span class="sign" aria-hidden="true">${sign}</span>
<div>
<h2>${headline}</h2>
${snapshot !== null && html`<p class="doing">${doing(snapshot, problems.length > 0, context)}</p>`}
${
  problems.length > 0 &&
  html`<ul class="problems">${problems.map(
    ({ what, doThis, runId }) =>
      html`<li><strong>${what}</strong> ${withCommands(doThis, context)}${runId !== undefined && html` <a href="/runs/${runId}">Show that run</a>`}</li>`,
  )}</ul>`
}
</div>
</section>`;
}

/** What goes on at this moment, in one sentence. */
function doing(snapshot: Snapshot, isProblem: boolean, context: PageContext): Html {
  const { unfinished, runs, pace, nights } = snapshot;
  const reading = runs.find((run) => run.state === "reading");
  const applying = unfinished.find((run) => run.state === "applying");
  if (applying !== undefined) {
    const { planned, open } = applying.counts;
    const done = `${grouped(planned - open)} of ${plural(planned, "change", "changes")} settled`;
    if (pace.halt !== null) return html`Halted while working on ${fileName(applying)}: ${done}.`;
    const left = pace.perSecond > 0 && isUnhindered(snapshot) ? `, about ${duration(timeLeftMs(open, pace))} left` : "";
    return html`Working on ${fileName(applying)}: ${done}${left}.`;
  }
  if (reading !== undefined) return html`Reading ${fileName(reading)}.`;
  const isHeld = unfinished.some((run) => run.state === "held");
  const nothing = isProblem ? "No run is under way." : `${isHeld ? "Nothing else" : "Nothing"} to do at the moment.`;
  if (nights.nextAt === null) return html`${nothing}`;
  return html`${nothing} The next scheduled run is due on ${moment(nights.nextAt, context)}.`;
}

/** Whether people are created at the pace at all. While they are not, any time left would be invented. */
function isUnhindered({ health, queues }: Snapshot): boolean {
  const works = health.roles.some(({ role, instances }) => role === "worker" && instances > 0);
  return works && !health.isTallyfyTroubled && !queues.provision.isPaused;
}

/** A rough guess: the steady pace until the hour's budget is used up, then budget after budget. */
export function timeLeftMs(open: number, { perSecond, hourlyBudget, usedThisHour }: Pace): number {
  const unhinderedMs = (open / perSecond) * 1000;
  if (hourlyBudget <= 0 || open <= hourlyBudget - usedThisHour) return unhinderedMs;
  const beyond = open - Math.max(0, hourlyBudget - usedThisHour);
  return Math.max(unhinderedMs, (beyond / hourlyBudget) * 3_600_000);
}

function heldSection(unfinished: readonly Run[], context: PageContext): Html {
  const held = unfinished.filter((run) => run.state === "held");
  return html`<section id="held" class="held-runs" aria-label="Runs that wait for a person" data-live>
${held.map((run) => heldCard(run, context))}
</section>`;
}

/** A held run with the commands that release or drop it. */
export function heldCard(run: Run, context: PageContext): Html {
  const reasons = run.breaches.length > 0 ? run.breaches.map(({ message }) => message) : [run.because ?? ""];
  return html`<article class="card held">
<h2>${fileName(run)} waits for you</h2>
${reasons.map((reason) => html`<p>${withCommands(reason, context)}</p>`)}
<dl class="choices">
<div><dt>To release it and create ${plural(run.counts.planned, "person", "people")}, type</dt><dd>${command(asTyped(releaseCommand(run.runId, run.breaches), context.invocation))}</dd></div>
<div><dt>To drop this run, type</dt><dd>${command(asTyped(`roster-sync discard ${run.runId}`, context.invocation))}</dd></div>
</dl>
<p class="quiet">Nothing of it was applied.${needsReason(run.breaches) ? ` Compare it with the HR system first: ${RELEASE_IN_DOUBT}` : ""} It waits since ${moment(run.plannedAt ?? run.startedAt, context)}. The next scheduled run goes on with the last accepted roster, if there is one; a newer roster takes the place of this one.</p>
</article>`;
}

function flowSection({ inbox, queues, runs, unfinished, directory }: Snapshot, context: PageContext): Html {
  const { sync, provision } = queues;
  const reading = runs.filter((run) => run.state === "reading").length;
  const held = unfinished.filter((run) => run.state === "held").length;
  const open = provision.jobs.waiting + provision.jobs.active + provision.jobs.delayed;
  const planning = [reading > 0 && `${reading} being read`, held > 0 && `${held} held`, sync.isPaused && "paused"];
  const working = [
    provision.jobs.active > 0 && `${grouped(provision.jobs.active)} in hand`,
    provision.jobs.delayed > 0 && `${grouped(provision.jobs.delayed)} to be tried again later`,
    provision.isPaused && "paused",
  ];
  const listed =
    directory.listedAt === null ? "list never read" : html`list read ${moment(directory.listedAt, context)}`;
  return html`<section id="flow" aria-label="The way of a roster" data-live>
<ol class="flow">
${station("Inbox", inbox.waiting, "file waiting", "files waiting", inbox.path === null ? "served by another machine" : html`<span class="path">${inbox.path}</span>${inbox.intakes > 1 && ` · ${inbox.intakes} intakes share it`}`)}
${station("Plan", sync.jobs.waiting + sync.jobs.active + sync.jobs.delayed + held, "run in hand", "runs in hand", joined(planning, "nothing to read"))}
${station("Queue", open, "change open", "changes open", joined(working, open === 0 ? "nothing to do" : "waiting"))}
${station("Tallyfy", directory.people, "person known", "people known", listed)}
</ol>
</section>`;
}

function station(name: string, count: number | null, one: string, many: string, below: Html | string): Html {
  const isBusy = count !== null && count > 0;
  return html`<li class="${isBusy ? "busy" : "idle"}"><h3>${name}</h3>
<p class="figure"><b>${count === null ? "–" : grouped(count)}</b> ${count === 1 ? one : many}</p><p class="quiet">${below}</p></li>`;
}

function joined(parts: readonly (string | false)[], otherwise: string): string {
  return parts.filter(Boolean).join(" · ") || otherwise;
}

function paceSection(pace: Pace, { roles }: Health, context: PageContext): Html {
  const { perSecond, hourlyBudget, usedThisHour, pausedUntil, halt } = pace;
  const used = Math.min(usedThisHour, hourlyBudget);
  const tone = hourlyBudget > 0 && usedThisHour >= hourlyBudget ? "wait" : "busy";
  const budget = `${grouped(usedThisHour)} of ${plural(hourlyBudget, "call", "calls")} used in the last hour`;
  return html`<section id="pace" class="card" data-live>
<h2>Pace</h2>
<p class="figure"><b>${perSecondText(perSecond)}</b> ${perSecond === 1 ? "call" : "calls"} per second</p>
<p class="quiet">${paceReason(pace, context)}</p>
${
  hourlyBudget > 0
    ? html`${bar([{ share: used, tone }], hourlyBudget, budget)}
<p class="quiet">${budget}</p>`
    : html`<p class="quiet">${plural(usedThisHour, "call", "calls")} in the last hour; no hourly budget is set</p>`
}
${pausedUntil !== null && html`<p class="note wait">Everybody waits until ${moment(pausedUntil, context)}, as Tallyfy or the hourly budget asks.</p>`}
${halt !== null && html`<p class="note bad">Halted since ${moment(halt.since, context)}; next look ${moment(halt.probeAt, context)}.</p>`}
<ul class="roles" aria-label="Processes at work on all machines"><li aria-hidden="true">Processes</li>${roles.map(
    ({ role, instances }) =>
      html`<li class="${instances === 0 ? "none" : ""}"><b class="instances">${instances}</b> ${role}</li>`,
  )}</ul>
</section>`;
}

/** Why the pace is what it is. */
function paceReason(pace: Pace, context: PageContext): Html {
  const { limit, hourlyCap, phase, perSecond, maxPerSecond, sharePercent } = pace;
  const cap =
    hourlyCap !== null &&
    html` Tallyfy's hourly cap is ${callsText(hourlyCap.calls)}, met last ${moment(hourlyCap.checkedMs, context)}.`;
  if (limit === null) {
    if (perSecond >= maxPerSecond) return html`The highest pace that is configured; Tallyfy has not refused it.${cap}`;
    return html`No limit of Tallyfy's is known: the pace grows to ${perSecondText(maxPerSecond)} per second unless a call is refused.${cap}`;
  }
  const { calls, sinceMs, from } = limit.limit;
  const known = html`Tallyfy lets ${callsText(calls)} through ${WINDOW_WORDS[limit.window]}, ${from === "headers" ? "as its answers say" : "as its refusals show"}, since ${moment(sinceMs, context)}.`;
  if (phase === "trying") return html`${known} Now a little more is tried.${cap}`;
  if (phase === "growing") return html`${known} More went through, so the pace grows.${cap}`;
  return html`${known} ${sharePercent}${"\u202f"}% of it is used.${cap}`;
}

/** A limit that was lowered by what came through need not be whole. */
function callsText(calls: number): string {
  return calls < 10 && calls !== 1 ? `${Number(calls.toPrecision(2))} calls` : plural(calls, "call", "calls");
}

function perSecondText(perSecond: number): string {
  return String(Number(perSecond.toPrecision(3)));
}

function queuesSection(sync: QueueCounts, provision: QueueCounts): Html {
  function row(label: string, { name, jobs, isPaused }: QueueCounts): Html {
    return html`<tr><th scope="row"><a href="/queues/queue/${name}">${label}</a>${isPaused && html` <span class="pill wait">paused</span>`}</th>
<td>${grouped(jobs.waiting)}</td><td>${grouped(jobs.active)}</td><td>${grouped(jobs.delayed)}</td><td>${grouped(jobs.completed)}</td><td class="${jobs.failed > 0 ? "has-failed" : ""}">${grouped(jobs.failed)}</td></tr>`;
  }
  return html`<section id="queues" class="card" data-live>
<h2>Queues</h2>
<div class="scroll" role="region" aria-label="Jobs in the queues" tabindex="0"><table class="counts">
<thead><tr><th scope="col">Jobs</th><th scope="col">waiting</th><th scope="col">active</th><th scope="col">delayed</th><th scope="col">done</th><th scope="col">failed</th></tr></thead>
<tbody>${row("Rosters and runs", sync)}${row("Create users", provision)}</tbody>
</table></div>
<p class="quiet">Done and failed jobs are kept for a while, then forgotten; the runs below are the record.</p>
</section>`;
}

function runsSection({ runs, inbox }: Snapshot, context: PageContext): Html {
  if (runs.length === 0) {
    return html`<section id="runs" class="card empty" data-live>
<h2>No run yet</h2>
<p>Drop a roster (a CSV file from HR) into the inbox, and the first run appears here.</p>
${inbox.path !== null && html`<p>${command(inbox.path)}</p>`}
<p class="quiet">To see first what would happen, without changing anything: ${command(asTyped("roster-sync plan FILE", context.invocation))}</p>
</section>`;
  }
  return html`<section id="runs" class="card" data-live>
<h2>Last runs</h2>
<table class="runs">
<thead><tr><th scope="col">Roster</th><th scope="col">State</th><th scope="col">Started</th><th scope="col" class="number">Rows</th><th scope="col">Changes</th></tr></thead>
<tbody>${runs.map((run) => runRow(run, context))}</tbody>
</table>
<ul class="legend" aria-label="Colours of the bars">${OUTCOME_ORDER.map(
    (outcome) =>
      html`<li><span class="swatch is-${outcome}" aria-hidden="true"></span>${OUTCOME_WORDS[outcome].label}</li>`,
  )}</ul>
</section>`;
}

function runRow(run: Run, context: PageContext): Html {
  const { counts } = run;
  return html`<tr class="state-${run.state}">
<th scope="row"><a href="/runs/${run.runId}">${fileName(run)}</a><small>${TRIGGER_WORDS[run.trigger]}</small></th>
<td>${statePill(run.state)}</td>
<td class="moment">${moment(run.startedAt, context)}</td>
${counts.rows === 0 ? html`<td class="number nothing">–</td>` : html`<td class="number" data-label="Rows">${grouped(counts.rows)}</td>`}
<td class="outcomes">${counts.planned > 0 ? html`${outcomeBar(counts)}<small>${outcomeText(counts)}</small>` : html`<small>${withoutChanges(run, context)}</small>`}${leftOutNote(counts)}</td>
</tr>`;
}

/** Rows that were left out are easily missed behind a green bar. */
function leftOutNote({ skipped }: RunCounts): Html | false {
  const rows = leftOut(skipped);
  return rows > 0 && html` <span class="pill wait">${grouped(rows)} left out</span>`;
}

/** What is said of a run that planned no change. */
function withoutChanges({ state, because, plannedAt, waitingFor, counts }: Run, context: PageContext): Html | string {
  if (waitingFor !== null) return WAITING_WORDS[waitingFor];
  if ((state === "refused" || state === "failed") && because !== null)
    return withCommands(because.split("\n", 1)[0] ?? "", context);
  if (plannedAt === null) return "–";
  return `none; ${grouped(counts.unchanged + counts.adopted)} already provisioned`;
}

function glossary(): Html {
  return html`<details class="card words"><summary>What the words mean</summary>
<div class="pair"><div><h3>States of a run</h3><dl>${Object.values(STATE_WORDS).map(
    ({ label, tone, means }) => html`<div><dt><span class="pill ${tone}">${label}</span></dt><dd>${means}</dd></div>`,
  )}</dl></div>
<div><h3>Outcomes of a change</h3><dl>${OUTCOME_ORDER.map(
    (outcome) =>
      html`<div><dt><span class="swatch is-${outcome}" aria-hidden="true"></span>${OUTCOME_WORDS[outcome].label}</dt><dd>${OUTCOME_WORDS[outcome].means}</dd></div>`,
  )}</dl></div></div>
</details>`;
}

/** A scheduled run that found no roster has no file. */
export function fileName(run: Run): Html {
  return html`<span class="file">${run.fileName === "" ? `Run ${run.runId}` : run.fileName}</span>`;
}

/** Text with `commands` between backticks set off as such, as they are typed here. */
export function withCommands(text: string, { invocation }: PageContext): Html {
  const parts = asTyped(text, invocation)
    .split("`")
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
  return html`${parts}`;
}
