// The page of one run: what it was about, what it did with how many people and why, and where the answer files are.
// Counts only; who it was stands in the answer files, which HR may read and this page may not show.

import { isFinal, type Run } from "../domain/run.ts";
import { LEFT_OUT, type Situation } from "../domain/situation.ts";
import { type Html, html } from "./html.ts";
import { command, moment, outcomeBar, type Page, type PageContext, statePill } from "./layout.ts";
import { fileName, heldCard, withCommands } from "./overview-page.ts";
import {
  duration,
  grouped,
  OUTCOME_ORDER,
  OUTCOME_WORDS,
  STATE_WORDS,
  situationWords,
  TRIGGER_WORDS,
  WAITING_WORDS,
} from "./words.ts";

/** @param answerFiles paths, for a person to open */
export function runPage(run: Run, answerFiles: readonly string[], context: PageContext): Page {
  return {
    title: run.fileName === "" ? run.runId : run.fileName,
    path: `/runs/${run.runId}`,
    isLive: !isFinal(run.state),
    body: html`<p class="back"><a href="/">← Overview</a></p>
<section id="run" class="card" data-live>
<h1>${fileName(run)} ${statePill(run.state)}</h1>
<p>${STATE_WORDS[run.state].means}</p>
${run.state !== "held" && run.because !== null && html`<p class="note">${withCommands(run.because, context)}</p>`}
${run.waitingFor !== null && html`<p class="note wait">${WAITING_WORDS[run.waitingFor]}</p>`}
${facts(run, context)}
</section>
<section id="held" class="held-runs" aria-label="Decision" data-live>${run.state === "held" && heldCard(run, context)}</section>
<div class="pair">
${outcomes(run)}
${leftAlone(run)}
</div>
${run.state !== "held" && run.breaches.length > 0 && breaches(run, context)}
${answerFiles.length > 0 && answers(run, answerFiles)}`,
  };
}

function facts(run: Run, context: PageContext): Html {
  const { startedAt, endedAt, plannedAt, asOf, sha256, supersededBy, decidedBy } = run;
  const took = endedAt === null ? null : duration(Date.parse(endedAt) - Date.parse(startedAt));
  const rows: readonly (readonly [string, Html | string] | null)[] = [
    ["Run", html`<code>${run.runId}</code>`],
    ["Started", html`${moment(startedAt, context)}, ${TRIGGER_WORDS[run.trigger]}`],
    plannedAt === null ? null : ["Planned", html`${moment(plannedAt, context)}${asOf !== null && `, as of ${asOf}`}`],
    endedAt === null ? null : ["Ended", html`${moment(endedAt, context)}, after ${took}`],
    run.comparison === null ? null : ["Comparison", run.comparison],
    decidedBy === null ? null : ["Decided by", decidedBy],
    run.reason === null ? null : ["Reason given", run.reason],
    supersededBy === null ? null : ["Replaced by", html`<a href="/runs/${supersededBy}">${supersededBy}</a>`],
    run.filePath === null ? null : ["The roster is in", html`<code>${run.filePath}</code>`],
    sha256 === null ? null : ["SHA-256", html`<code>${sha256}</code>`],
  ];
  const shown = rows.filter((row) => row !== null);
  return html`<dl class="facts">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function outcomes({ counts }: Run): Html {
  const shares = { ...counts.outcomes, open: counts.open };
  return html`<section id="outcomes" class="card" data-live>
<h2>${grouped(counts.planned)} planned</h2>
${counts.planned > 0 && outcomeBar(counts)}
<table class="tally"><thead><tr><th scope="col">Outcome</th><th scope="col" class="number">People</th></tr></thead><tbody>
${OUTCOME_ORDER.map((outcome) => {
  const { label, means } = OUTCOME_WORDS[outcome];
  return html`<tr${shares[outcome] === 0 && html` class="none"`}><th scope="row"><span class="swatch is-${outcome}" aria-hidden="true"></span>${label}<small>${means}</small></th><td class="number">${grouped(shares[outcome])}</td></tr>`;
})}
</tbody></table>
</section>`;
}

function leftAlone({ counts }: Run): Html {
  const skipped = Object.entries(counts.skipped).filter(([, count]) => count > 0);
  const people = skipped.reduce((sum, [, count]) => sum + count, counts.unchanged + counts.adopted);
  function isLeftOut(situation: string): boolean {
    return LEFT_OUT.includes(situation as Situation);
  }
  return html`<section id="left-alone" class="card" data-live>
<h2>${grouped(people)} left alone</h2>
<table class="tally"><thead><tr><th scope="col">Situation</th><th scope="col" class="number">People</th></tr></thead><tbody>
<tr><th scope="row">already provisioned</th><td class="number">${grouped(counts.unchanged)}</td></tr>
<tr><th scope="row">adopted (had an account)</th><td class="number">${grouped(counts.adopted)}</td></tr>
${skipped.map(
  ([situation, count]) =>
    html`<tr><th scope="row">${situationWords(situation)}${isLeftOut(situation) && html` <span class="pill wait">needs a look</span>`}<small>${situation}</small></th><td class="number">${grouped(count)}</td></tr>`,
)}
</tbody></table>
<p class="quiet">Of ${grouped(counts.rows)} rows in the roster. Everybody but those already provisioned stands in the answer files, line by line.</p>
</section>`;
}

function breaches(run: Run, context: PageContext): Html {
  return html`<section id="breaches" class="card" data-live><h2>Limits that it exceeded</h2>
<ul>${run.breaches.map(({ message }) => html`<li>${withCommands(message, context)}</li>`)}</ul></section>`;
}

function answers(run: Run, files: readonly string[]): Html {
  const note = isFinal(run.state) ? "Complete." : "Complete once the run has ended.";
  return html`<section id="answers" class="card" data-live><h2>Answer files</h2>
<p class="quiet">Line by line: who, what happened, and why. ${note}</p>
${files.map((file) => html`<p>${command(file)}</p>`)}</section>`;
}
