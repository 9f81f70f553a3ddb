// The daemon: the roles of one process, started in order and closed in reverse. It decides nothing itself.

import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { halt, lookNow, watchHalt } from "./app/halts.ts";
import { ringIfNightIsDue } from "./app/nightly.ts";
import type { Log } from "./app/ports.ts";
import { recover } from "./app/recover.ts";
import { ledgerKeeper, requireSameLedger } from "./app/same-ledger.ts";
import { type Assembly, assemble } from "./assembly.ts";
import { Closers } from "./closers.ts";
import type { Config } from "./config/config.ts";
import type { OtherLedger } from "./domain/other-ledger.ts";
import { bindingLimit, paceOf } from "./domain/pace-state.ts";
import { isFinal } from "./domain/run.ts";
import { kindOfName } from "./domain/settling.ts";
import type { InboxReport } from "./domain/stuck-files.ts";
import { TallyfyError } from "./domain/tallyfy-error.ts";
import { readHealth } from "./health.ts";
import { type InboxWatch, watchInbox } from "./inbox/watch.ts";
import { type Invocation, ownInvocation } from "./invocation.ts";
import { repeat } from "./repeat.ts";
import { latestDue, nextDue } from "./schedule/due.ts";
import { startSchedule } from "./schedule/schedule.ts";
import { inspectRedis } from "./store/inspect-redis.ts";
import { alive, BEAT_MS, beat, type DaemonRole, type Heard, intakesOf, leave } from "./store/presence.ts";
import { VERSION } from "./version.ts";
import { createMetrics, type Metrics } from "./web/metrics.ts";
import type { OverviewSources } from "./web/overview-sources.ts";
import { startWeb } from "./web/server.ts";
import { within } from "./web/snapshot.ts";
import { startBellWorker, startPeopleWorker } from "./workers.ts";

const RECOVER_MS = 60_000;
const WATCH_HALT_MS = 2_000;
const TICK_MS = 60_000;
/** How long the inbox waits for Redis to name a run before it leaves the file where it is. */
const NAME_RUN_MS = 5_000;
/** BullMQ's limit counts to this when somebody asked for a pause, and never that far by jobs. */
const ASKED_FOR = 1_000_000_000;
const SHORTEST_PAUSE_SHOWN_MS = 1_000;
/** Of the 10 seconds that a shutdown may take, the workers get so many. */
const GRACE_MS = 6_000;

export interface Daemon {
  /** Address of the pages; null without the role `web`. */
  readonly webUrl: string | null;
  readonly assembly: Assembly;
  /** Resolves when the ledger of the data folder is gone: it must not go on planning. */
  readonly ledgerLost: Promise<OtherLedger>;
  /** Stops taking, finishes or hands back what is under way within 10 seconds, and closes in reverse order. */
  close(): Promise<void>;
}

/**
 * Starts the given roles. What was opened is closed again when starting fails half-way.
 * @param invocation how commands that work on this daemon are typed; its pages show them so
 */
export async function startDaemon(
  config: Config,
  roles: readonly DaemonRole[],
  log: Log,
  invocation: Invocation = ownInvocation(),
): Promise<Daemon> {
  const closers = new Closers();
  try {
    const metrics = createMetrics();
    const assembly = await assemble({
      config,
      log,
      hasFolder: roles.includes("intake"),
      onCall: ({ endpoint, status, ms }) => metrics.tallyfyCalled(endpoint, status, ms),
      onRunEnded: metrics.runEnded,
    });
    closers.add(() => assembly.close());
    // Everything that runs stops at the same moment, so that nothing is taken while something else finishes.
    const running: (() => Promise<void>)[] = [];
    closers.add(async () => {
      await Promise.allSettled(running.map((stop) => stop()));
    });
    const { kind, version, masters, warnings } = await inspectRedis(assembly.redis);
    const redis = `${kind} ${version}, ${assembly.redisDescription}`;
    log.info({ redis, ...(masters > 1 ? { masters } : {}), roles, version: VERSION }, "starting");
    for (const warning of warnings) log.warn({ warning }, "Redis is not set up as it should be");

    if (roles.includes("intake")) await requireSameLedger(assembly);
    // Before anything else: who cannot have the port does not start, and nobody hears of it.
    const webUrl = roles.includes("web") ? await startPages(assembly, roles, metrics, invocation, running) : null;
    let inbox: InboxWatch | null = null;
    let tellLost: (other: OtherLedger) => void = () => undefined;
    const ledgerLost = new Promise<OtherLedger>((resolve) => {
      tellLost = resolve;
    });
    await startPresence(assembly, roles, () => inbox?.report(), tellLost, running);
    if (roles.includes("worker")) await startWorking(assembly, metrics, running);
    if (roles.includes("intake")) inbox = await startIntake(assembly, running);
    if (roles.includes("worker") || roles.includes("intake")) {
      running.push(repeat("watching a halt", WATCH_HALT_MS, () => watchHalt(assembly.app), log));
      startCheckingAccess(assembly, running);
    }
    log.info({ web: webUrl, inbox: roles.includes("intake") ? join(config.dataDir, "inbox") : null }, "ready");
    return { webUrl, assembly, ledgerLost, close: () => closers.close() };
  } catch (error) {
    await closers.close().catch(() => undefined);
    throw error;
  }
}

/** How to stop what runs. */
type Stops = (() => Promise<void>)[];

async function startPresence(
  assembly: Assembly,
  roles: readonly DaemonRole[],
  inbox: () => InboxReport | undefined,
  onLost: (other: OtherLedger) => void,
  running: Stops,
): Promise<void> {
  const { redis, keys, instance, app, log } = assembly;
  const { dataId } = app.files;
  const presence = { instance, roles, dataId, host: hostname() };
  const beside = roles.includes("intake") ? intakesBeside(assembly) : null;
  const keepLedger = roles.includes("intake") ? ledgerKeeper(assembly) : null;
  await beat(redis, keys, presence);
  await keepLedger?.();
  const stopBeating = repeat(
    "heartbeat",
    BEAT_MS,
    async () => {
      await beat(redis, keys, { ...presence, inbox: inbox() });
      await beside?.();
      const other = await keepLedger?.();
      if (other) onLost(other);
    },
    log,
  );
  running.push(async () => {
    await stopBeating();
    await leave(redis, keys, instance);
  });
}

/**
 * Says when another intake begins, or ceases, to take files out of the same folder. A process that was killed is heard of for a while;
 * the one that follows it would tell of somebody whom nobody can stop, so only who is heard of again counts.
 */
function intakesBeside({ redis, keys, instance, app, log }: Assembly): () => Promise<void> {
  const firstHeard = new Map<string, number>();
  let known = new Set<string>();
  function isHeardAgain({ instance, at }: Heard): boolean {
    const first = firstHeard.get(instance) ?? at;
    firstHeard.set(instance, first);
    return at > first;
  }
  return async () => {
    const beside = intakesOf(app.files.dataId, await alive(redis, keys)).filter((one) => one.instance !== instance);
    const present = beside.filter(isHeardAgain);
    const now = new Set(present.map((one) => one.instance));
    const hosts = present.map((one) => one.host);
    if ([...now].some((one) => !known.has(one))) {
      log.warn(
        { intakes: now.size + 1, hosts },
        "another intake takes files out of this data folder, too: each file is taken by one of them; if that is not meant, stop one",
      );
    } else if (known.size > 0 && now.size === 0) {
      log.info({}, "this is the only intake of its data folder again");
    }
    known = now;
  };
}

async function startWorking(assembly: Assembly, metrics: Metrics, running: Stops): Promise<void> {
  const worker = await startPeopleWorker(assembly, (step) => {
    if (step.next === "settle") metrics.settled(step.outcome.status);
    if (step.next === "pause") metrics.paused(step.because);
  });
  running.push(() => worker.stop(GRACE_MS));
}

async function startIntake(assembly: Assembly, running: Stops): Promise<InboxWatch> {
  const { app, config, log } = assembly;
  const bellWorker = await startBellWorker(assembly);
  running.push(() => bellWorker.stop(GRACE_MS));
  running.push(repeat("recovering", RECOVER_MS, () => recover(app), log));

  const { cron, timeZone } = config.schedule;
  const schedule = startSchedule({
    cron,
    timeZone,
    tickMs: TICK_MS,
    log,
    onTick: () => ringIfNightIsDue(latestDue(cron, timeZone, Date.now()), app),
  });
  running.push(() => schedule.close());

  const watch = watchInbox({
    dataDir: config.dataDir,
    settleMs: config.inbox.settleMs,
    scanMs: config.inbox.scanMs,
    usePolling: config.inbox.usePolling,
    newRunId: () => within(NAME_RUN_MS, app.newRunId()),
    log,
    async onClaimed({ runId }) {
      const { dataId } = app.files;
      await app.bell.ring({ kind: "roster", runId, dataId, trigger: "inbox", isForced: false });
    },
  });
  running.push(() => watch.close());
  return watch;
}

/** At the start, so that wrong credentials are seen now and not at night. */
function startCheckingAccess(assembly: Assembly, running: Stops): void {
  const stopping = new AbortController();
  running.push(async () => stopping.abort());
  void checkAccess(assembly, stopping.signal);
}

async function checkAccess({ app, log }: Assembly, stopping: AbortSignal): Promise<void> {
  try {
    await lookNow(app);
    const refusal = await app.tallyfy.probe();
    if (refusal !== null) await halt("credentials", refusal.message, app);
  } catch (error) {
    // A call that our own end cut off says nothing of Tallyfy.
    if (stopping.aborted) return;
    if (error instanceof TallyfyError)
      log.warn({ kind: error.kind, reason: error.message }, "Tallyfy could not be asked");
    else log.error({ err: error }, "the credentials could not be checked");
  }
}

async function startPages(
  assembly: Assembly,
  roles: readonly DaemonRole[],
  metrics: Metrics,
  invocation: Invocation,
  running: Stops,
): Promise<string> {
  const { config, queues } = assembly;
  const web = await startWeb({
    host: config.host,
    port: config.port,
    user: config.dashboard.user,
    password: config.dashboard.password,
    version: VERSION,
    organisation: config.tallyfy.orgId.slice(0, 8),
    timeZone: config.schedule.timeZone,
    invocation,
    queues,
    metrics,
    sources: overviewSources(assembly, roles),
    log: assembly.log,
  });
  running.push(() => web.close());
  return web.url;
}

function overviewSources(assembly: Assembly, roles: readonly DaemonRole[]): OverviewSources {
  const { app, config, keys, paceMemory, paceRules, queues, redis, signals } = assembly;
  const isIntake = roles.includes("intake");
  return {
    async pingRedis() {
      // A key of ours: in a cluster any node answers a ping, and only one of them has our keys.
      await redis.exists(keys.meta);
    },
    health: () => readHealth(assembly),
    async pace() {
      const [halt, { state, usedThisHour, budget }, stoppedMs] = await Promise.all([
        signals.halt(),
        paceMemory.read(),
        queues.provision.getRateLimitTtl(ASKED_FOR),
      ]);
      const until = Math.max(
        state.congestion?.untilMs ?? 0,
        state.restUntilMs,
        stoppedMs > 0 ? Date.now() + stoppedMs : 0,
      );
      return {
        perSecond: paceOf(state, paceRules),
        maxPerSecond: paceRules.maxPerSecond,
        sharePercent: config.rate.sharePercent,
        phase: state.phase,
        limit: bindingLimit(state),
        hourlyCap: state.limits.hour,
        hourlyBudget: budget,
        usedThisHour,
        pausedUntil: until > Date.now() + SHORTEST_PAUSE_SHOWN_MS ? until : null,
        halt,
      };
    },
    runs: (limit) => app.runs.list(limit),
    run: (runId) => app.runs.get(runId),
    unfinished: () => app.runs.unfinished(),
    async directory() {
      return { people: await app.ledger.size(), listedAt: await app.ledger.listedAt() };
    },
    async nights() {
      const { cron, timeZone } = config.schedule;
      return { nextAt: nextDue(cron, timeZone, Date.now()), lastAt: await app.runs.nightFulfilled() };
    },
    async inbox() {
      if (!isIntake) return { path: null, waiting: null, intakes: 0 };
      const path = join(config.dataDir, "inbox");
      const names = await readdir(path).catch(() => null);
      const waiting = names?.filter((name) => kindOfName(name).kind === "roster").length ?? null;
      return { path, waiting, intakes: intakesOf(app.files.dataId, await alive(redis, keys)).length };
    },
    answerFiles(run) {
      if (run.trigger === "nightly" && run.counts.planned === 0 && isFinal(run.state)) return [];
      const stem = join(config.dataDir, "outbox", `${run.fileName}.${run.runId}.result`);
      return [`${stem}.csv`, `${stem}.json`];
    },
  };
}
