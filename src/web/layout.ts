// The frame around every page, and the small pieces that pages share: moments, commands, bars, pills.
// No script and no style stands in the page itself; the policy in headers.ts would not run them.

import type { RunCounts, RunState } from "../domain/run.ts";
import type { Invocation } from "../invocation.ts";
import { type Html, html } from "./html.ts";
import { grouped, type MomentFormat, OUTCOME_ORDER, OUTCOME_WORDS, STATE_WORDS } from "./words.ts";

/** What every page needs to know about its surroundings. */
export interface PageContext {
  readonly organisation: string;
  readonly version: string;
  readonly timeZone: string;
  readonly moments: MomentFormat;
  /** How commands are typed where the daemon runs. */
  readonly invocation: Invocation;
}

export interface Page {
  readonly title: string;
  readonly path: string;
  /** Whether the page renews itself every few seconds. */
  readonly isLive: boolean;
  readonly body: Html;
}

/** Without scripts a live page reloads as a whole, this often. */
const RELOAD_S = 15;

export function renderPage(page: Page, context: PageContext): string {
  const { organisation, version, timeZone } = context;
  const overview = page.path === "/" ? html` aria-current="page"` : null;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${page.title} · Roster Sync</title>
<link rel="icon" type="image/svg+xml" href="/assets/mark.svg">
<link rel="stylesheet" href="/assets/overview.css">
${
  page.isLive &&
  html`<noscript><meta http-equiv="refresh" content="${RELOAD_S}"></noscript>
<script src="/assets/refresh.js" defer></script>
`
}</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/"><img src="/assets/mark.svg" alt="" width="28" height="28"><span>Roster Sync</span></a>
<span class="organisation">${organisation}</span>
<nav aria-label="Pages"><a href="/"${overview}>Overview</a><a href="/queues/">Queues</a><a href="/metrics">Metrics</a></nav>
</header>
<p id="stale" class="stale" role="status" hidden></p>
<main id="main">
${page.body}
</main>
<footer>Roster Sync ${version}<span> · Times in ${timeZone}</span></footer>
</body>
</html>
`.markup;
}

export function moment(at: number | string, { moments }: PageContext): Html {
  const ms = typeof at === "number" ? at : Date.parse(at);
  if (!Number.isFinite(ms)) return html`<span>unknown</span>`;
  return html`<time datetime="${new Date(ms).toISOString()}" title="${moments.full(ms)}">${moments.short(ms)}</time>`;
}

/** A command to type, or a path; one click selects all of it. */
export function command(text: string): Html {
  return html`<code class="command">${text}</code>`;
}

export function statePill(state: RunState): Html {
  const { label, tone, means } = STATE_WORDS[state];
  return html`<span class="pill ${tone}" title="${means}">${label}</span>`;
}

export interface Segment {
  readonly share: number;
  /** The class that colours it. */
  readonly tone: string;
}

/** A bar of segments side by side; `label` says the same in words. Shares are of `whole`. */
export function bar(segments: readonly Segment[], whole: number, label: string): Html {
  let x = 0;
  const rects = segments
    .filter(({ share }) => share > 0)
    .map(({ share, tone }) => {
      const width = whole > 0 ? (100 * share) / whole : 0;
      const rect = html`<rect class="${tone}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="8"/>`;
      x += width;
      return rect;
    });
  return html`<svg class="bar" role="img" aria-label="${label}" viewBox="0 0 100 8" preserveAspectRatio="none">${rects}</svg>`;
}

/** How the planned changes of a run ended, as a bar. */
export function outcomeBar(counts: RunCounts): Html {
  const shares = { ...counts.outcomes, open: counts.open };
  const whole = Math.max(counts.planned, 1);
  const segments = OUTCOME_ORDER.map((outcome) => ({ share: shares[outcome], tone: `is-${outcome}` }));
  return bar(segments, whole, `Of ${counts.planned} planned: ${outcomeText(counts) || "none"}`);
}

/** `245 created, 3 gave up, 2 rejected`: what there is of each. */
export function outcomeText(counts: RunCounts): string {
  const shares = { ...counts.outcomes, open: counts.open };
  return OUTCOME_ORDER.filter((outcome) => shares[outcome] > 0)
    .map((outcome) => `${grouped(shares[outcome])} ${OUTCOME_WORDS[outcome].label}`)
    .join(", ");
}
