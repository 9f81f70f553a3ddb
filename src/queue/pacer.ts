// Waits for slots, so that every call to Tallyfy leaves in its turn, and lets no more creates out than there are places (places.ts).
// Where a process has to wait, one of its calls asks for all, in the order they came; a slot is had for an instant before its time.

import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { CallEnd, CallPurpose, Gate, Log, PaceMemory, PaceNews, Permit, SlotAnswer } from "../app/ports.ts";
import { LATE_ARRIVAL_MS, storeClock, usualTime } from "../domain/arrival.ts";
import { reportEveryMs } from "../domain/pace.ts";
import { bindingLimit, countsArrivals, type PaceState } from "../domain/pace-state.ts";
import { MOST_GIVEN_BACK, MOST_LATE_MS } from "../domain/slots.ts";
import { isHeld, TELL_AGAIN_MS, type ToldLimit, toldKey } from "../domain/told-limit.ts";
import { notNow, PACE_PATIENCE_MS } from "./not-now.ts";
import { atMost, type Leave } from "./places.ts";

/** Longer pauses are the queue's: the job goes back, and nobody takes one until then. A list waits where it is. */
const PAUSE_PATIENCE_MS: Record<CallPurpose, number> = { create: 2_000, read: 60_000, token: 0, mint: 0 };
const LONGEST_SLEEP_MS = 250;
/** How soon the next place comes, on the average, where a slot is asked for before it. */
const QUICK_PLACE_MS = 2;
/** Headers may tell something else with each answer. */
const KEYS_REMEMBERED = 10;

export interface PacerOptions {
  readonly memory: PaceMemory;
  /** How many may be under way at the same time in this process. As many again ask for their slots meanwhile. */
  readonly creates: number;
  readonly log: Log;
}

export interface Pacer extends Gate {
  /** Calls back whenever the state is another than this process knew. */
  onPace(listener: (state: PaceState) => void): void;
  /** Whoever waits, and whoever comes, is sent back without having called. */
  stop(): void;
}

/** With how many refusals this process had met when it asked. */
type Asked = SlotAnswer & { readonly refusals: number };
type Slot = Extract<Asked, { kind: "slot" }>;
/** When its slot was, and when it left, by this process's clock; and how it gives up its place. */
type Turn = Slot & { readonly slotAt: number; readonly leftAt: number; readonly leave: Leave };

export function createPacer({ memory, creates, log }: PacerOptions): Pacer {
  const stopping = new AbortController();
  // As many as there are calls may sleep at once.
  setMaxListeners(0, stopping.signal);
  const listeners: ((state: PaceState) => void)[] = [];
  const [asking, calling] = [atMost(creates), atMost(creates)];
  let hasProbeBeside = false;
  let waiting = 0;
  let line: Promise<void> = Promise.resolve();
  let known: { readonly version: string; readonly state: PaceState | null } = { version: "", state: null };
  let isReading = false;
  /** Refusals that this process has met: a slot from before the last one is given back. */
  let refusals = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  /** By `toldKey`. */
  const toldAt = new Map<string, number>();
  const clock = storeClock();
  const usual = usualTime();

  function know(version: string, state: PaceState): void {
    known = { version, state };
    for (const listener of listeners) listener(state);
  }

  function isNews(told: readonly ToldLimit[], now: number): boolean {
    if (told.length === 0) return false;
    const key = toldKey(told);
    const isDue = now - (toldAt.get(key) ?? Number.NEGATIVE_INFINITY) >= TELL_AGAIN_MS;
    if (!isDue && isHeld(known.state?.told ?? [], key)) return false;
    if (toldAt.size >= KEYS_REMEMBERED) toldAt.clear();
    toldAt.set(key, now);
    return true;
  }

  /** Whether some milliseconds matter. */
  function isExact(): boolean {
    return known.state !== null && countsArrivals(known.state);
  }

  /** What others learned, in passing. */
  function keepUp(version: string): void {
    if (version === known.version || isReading) return;
    isReading = true;
    memory
      .read()
      .then((now) => know(now.version, now.state))
      .catch(() => undefined)
      .finally(() => {
        isReading = false;
      });
  }

  function take(news: PaceNews): void {
    if (news.version === known.version) return;
    know(news.version, news.after);
    const [before, after] = [bindingLimit(news.before), bindingLimit(news.after)];
    const hour = news.after.limits.hour?.calls;
    if (hour !== undefined && hour !== news.before.limits.hour?.calls)
      log.info({ calls: hour, window: "hour" }, "found an hourly cap of Tallyfy's");
    if (after?.limit.calls === before?.limit.calls && after?.window === before?.window) return;
    const { perSecond } = news.after;
    if (after === null) log.info({ perSecond }, "a limit of Tallyfy's is gone; the pace grows again");
    else {
      const { window, limit } = after;
      log.info(
        { calls: Number(limit.calls.toFixed(1)), window, from: limit.from, perSecond },
        "found a limit of Tallyfy's",
      );
    }
  }

  async function ask(purpose: CallPurpose, beganAt: number, givenBackUs: number | null = null): Promise<Asked> {
    const before = refusals;
    if (stopping.signal.aborted) throw notNow("stopping");
    const askedAt = performance.now();
    const answer = await memory.ask(purpose, askedAt - beganAt, givenBackUs);
    if (answer.kind === "slot") clock.heard((answer.slotUs - answer.aheadUs) / 1000, askedAt, performance.now());
    keepUp(answer.version);
    return { ...answer, refusals: before };
  }

  async function sleep(ms: number): Promise<void> {
    try {
      await delay(Math.max(1, Math.min(ms, LONGEST_SLEEP_MS)), undefined, { signal: stopping.signal });
    } catch {
      throw notNow("stopping");
    }
  }

  async function waitForSlot(purpose: CallPurpose, beganAt: number): Promise<Slot> {
    for (;;) {
      // The line was longer than anybody's patience: whoever holds a person must not hold it past its time.
      const isTooLate = performance.now() - beganAt > Math.max(PACE_PATIENCE_MS, PAUSE_PATIENCE_MS[purpose]);
      if (isTooLate) throw notNow("pace");
      const answer = await ask(purpose, beganAt);
      if (answer.kind === "slot") return answer;
      if (answer.because === "halt") throw notNow("halt");
      const isShort = answer.because === "pace" || answer.because === "probe";
      const patienceMs = Math.max(isShort ? PACE_PATIENCE_MS : 0, PAUSE_PATIENCE_MS[purpose]);
      if (performance.now() - beganAt + answer.waitMs > patienceMs) throw notNow(answer.because, answer.waitMs);
      await sleep(answer.waitMs);
    }
  }

  async function inTurn(purpose: CallPurpose, beganAt: number): Promise<Slot> {
    const before = line;
    let pass: () => void = () => undefined;
    line = new Promise((resolve) => {
      pass = resolve;
    });
    waiting += 1;
    try {
      await before;
      return await waitForSlot(purpose, beganAt);
    } finally {
      waiting -= 1;
      pass();
    }
  }

  /**
   * A slot that waits for a place is nobody's, and so the place comes first. But where the next place comes in no time, it must not be empty
   * while Redis is asked for the slot.
   */
  async function turnOf(purpose: CallPurpose): Promise<Turn> {
    const isForToken = purpose === "token" || purpose === "mint";
    let leave = purpose === "create" && !arePlacesQuick() ? await calling.take() : null;
    let beganAt = performance.now();
    let givenBackUs: number | null = null;
    try {
      for (let timesLate = 0; ; ) {
        const isFirst = waiting === 0 || isForToken || givenBackUs !== null;
        const first = isFirst ? await ask(purpose, beganAt, givenBackUs) : null;
        const slot: Slot = first?.kind === "slot" ? first : await inTurn(purpose, beganAt);
        const slotAt = clock.hereMs(slot.slotUs / 1000);
        const aheadMs = slotAt - performance.now();
        if (aheadMs >= 1) await sleep(aheadMs);
        const readyAt = performance.now();
        leave ??= await placeFor(purpose, slot);
        const leftAt = performance.now();
        const hasWaited = leftAt - readyAt > MOST_LATE_MS;
        const isLate = isExact() && leftAt - slotAt > MOST_LATE_MS && timesLate < MOST_GIVEN_BACK;
        const isGood = slot.refusals === refusals && !hasWaited && !isLate;
        if (isGood || slot.isProbe || isForToken) return { ...slot, slotAt, leftAt, leave };
        if (hasWaited) beganAt = leftAt;
        else if (isLate) timesLate += 1;
        givenBackUs = slot.slotUs;
      }
    } catch (error) {
      leave?.();
      throw error;
    }
  }

  function arePlacesQuick(): boolean {
    const usualMs = usual.ms();
    return usualMs !== null && usualMs / creates <= QUICK_PLACE_MS;
  }

  /** Reads and tokens are few. Everybody waits for a probe: one may go beside those that are under way. */
  async function placeFor(purpose: CallPurpose, { isProbe }: Slot): Promise<Leave> {
    if (purpose !== "create") return () => undefined;
    const free = calling.takeFree();
    if (free !== null) return free;
    if (!isProbe || hasProbeBeside) return calling.take();
    hasProbeBeside = true;
    return () => {
      hasProbeBeside = false;
    };
  }

  async function oneOfFew(askForTurn: () => Promise<Turn>): Promise<Turn> {
    const leave = await asking.take();
    try {
      return await askForTurn();
    } finally {
      leave();
    }
  }

  async function enter(purpose: CallPurpose): Promise<Permit> {
    const turn = purpose === "create" ? await oneOfFew(() => turnOf(purpose)) : await turnOf(purpose);
    return {
      async ended(end) {
        try {
          await learnFrom(turn, purpose, end);
        } catch (error) {
          log.warn({ err: error }, "what a call said of the pace could not be kept");
        } finally {
          // Not before a refusal is known to all: the next one would still get a slot.
          turn.leave();
        }
      },
    };
  }

  /** Tells what must be known before anybody else calls, and now and then what else may be learned. */
  async function learnFrom(turn: Turn, purpose: CallPurpose, end: CallEnd): Promise<void> {
    const { slotUs, isProbe } = turn;
    if (end.isTooMany) refusals += 1;
    if (end.isTooMany) return take(await memory.refused(slotUs, end.retryAfterMs));
    if (!end.isAnswered) return;
    if (purpose === "create") noteArrival(turn);
    const now = performance.now();
    if (isNews(end.told, now)) take(await memory.told(end.told));
    const isDue = known.state === null || now - reportedAt >= reportEveryMs(known.state);
    if (isProbe || (isDue && purpose !== "token")) {
      reportedAt = now;
      const report = memory.admitted(slotUs).then(take);
      if (isProbe) await report;
      else report.catch(() => undefined);
    }
  }

  /**
   * What took longer than usual may have been on its way for longer: then it counts into the limit's windows that much later. Of the first
   * call, which makes its connection, nothing is known but that it has arrived.
   */
  function noteArrival({ slotUs, slotAt, leftAt }: Turn): void {
    const now = performance.now();
    const lateMs = now - (usual.ms() ?? 0) - slotAt;
    usual.note(now - leftAt);
    if (lateMs > LATE_ARRIVAL_MS && isExact()) memory.arrivedLate(slotUs, lateMs).catch(() => undefined);
  }

  function stop(): void {
    stopping.abort();
    for (const places of [asking, calling]) places.stop();
  }

  return { enter, onPace: (listener) => listeners.push(listener), stop };
}
