// Virtual time: workers, a Redis and a limiter that exist only as numbers drive the real rule (domain/pace.ts, domain/slots.ts),
// so that a day at a steady pace takes a second. Calls, latencies and late timers are drawn from a seed: the same seed, the same day.

/** mulberry32. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What happens next comes first. */
class Agenda {
  heap = [];

  add(atMs, happen) {
    const { heap } = this;
    let at = heap.push({ atMs, happen }) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above].atMs <= heap[at].atMs) break;
      [heap[above], heap[at]] = [heap[at], heap[above]];
      at = above;
    }
  }

  take() {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || first === undefined) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      let least = at;
      for (const below of [left, left + 1])
        if (below < heap.length && heap[below].atMs < heap[least].atMs) least = below;
      if (least === at) return first;
      [heap[least], heap[at]] = [heap[at], heap[least]];
      at = least;
    }
  }
}

/**
 * The server's side of one limit. `kind`: "clock" (windows of the clock), "first" (windows that begin with a call), "sliding", or "bucket"
 * (a token bucket: a store of `burst` calls that fills with `calls` in a window).
 */
class Limiter {
  admitted = [];
  oldest = 0;
  startMs = -Infinity;
  count = 0;
  tokens = Infinity;
  filledMs = 0;
  earliestMs = 0;

  constructor(limit) {
    this.limit = limit;
  }

  take(nowMs) {
    const { calls, windowMs, kind, retryAfter } = this.limit;
    const isEarly = nowMs < this.earliestMs;
    let freeMs;
    let isAdmitted;
    if (kind === "bucket") {
      const { burst = calls } = this.limit;
      this.tokens = Math.min(burst, this.tokens + ((nowMs - this.filledMs) * calls) / windowMs);
      this.filledMs = nowMs;
      freeMs = nowMs + (Math.max(0, 1 - this.tokens) * windowMs) / calls;
      isAdmitted = this.tokens >= 1;
      if (isAdmitted) this.tokens -= 1;
    } else if (kind === "sliding") {
      while (this.oldest < this.admitted.length && this.admitted[this.oldest] <= nowMs - windowMs) this.oldest += 1;
      this.count = this.admitted.length - this.oldest;
      freeMs = (this.admitted[this.oldest] ?? nowMs) + windowMs;
    } else {
      const startMs =
        kind === "clock" ? nowMs - (nowMs % windowMs) : nowMs >= this.startMs + windowMs ? nowMs : this.startMs;
      if (startMs !== this.startMs) this.count = 0;
      this.startMs = startMs;
      freeMs = startMs + windowMs;
    }
    isAdmitted ??= this.count < calls;
    if (isAdmitted) {
      if (kind === "sliding") this.admitted.push(nowMs);
      this.count += 1;
      return { isAdmitted, isEarly, retryAfterMs: null, freeMs };
    }
    const retryAfterMs = retryAfter ? Math.max(1, Math.ceil((freeMs - nowMs) / 1000)) * 1000 : null;
    if (retryAfterMs !== null) this.earliestMs = nowMs + retryAfterMs;
    return { isAdmitted, isEarly, retryAfterMs, freeMs };
  }
}

/** @param rule the functions of domain/pace.ts and domain/slots.ts */
export function simulate(rule, options) {
  const { rules, startMs = 0, people = Infinity, forMs = Infinity, processes = 1, concurrency = 8, seed = 1 } = options;
  const { latencyMs = [3, 8], lateMs = 1, redisMs = 0.3, stalls = null } = options;
  const random = randomFrom(seed);
  const between = ([low, high]) => low + random() * (high - low);
  const agenda = new Agenda();
  // Let-through calls by slot, in order; those refused are taken out again.
  const log = options.log ?? [];
  // The same by when they arrived at the latest.
  const arrivals = [...log];
  // The hour as store/pace-scripts.ts counts it: by the minute, and a minute counts until its last moment is an hour old.
  const minuteOf = (ms) => Math.floor(ms / rule.WINDOW_MS.minute);
  const minutes = new Map();
  const countMinute = (ms, by) => minutes.set(minuteOf(ms), (minutes.get(minuteOf(ms)) ?? 0) + by);
  for (const ms of log) countMinute(ms, 1);
  const usedThisHour = (nowMs) => {
    const oldest = minuteOf(nowMs) - rule.WINDOW_MS.hour / rule.WINDOW_MS.minute;
    let [sum, first] = [0, null];
    for (const [minute, calls] of minutes) {
      if (minute < oldest) minutes.delete(minute);
      else [sum, first] = [sum + calls, Math.min(first ?? minute, minute)];
    }
    return { sum, first };
  };
  const usual = Array.from({ length: processes }, rule.usualTime);
  let state = options.state ?? rule.newPace(rules, startMs);
  let slots = rule.newSlots(1);
  const limiters = (options.limits ?? []).map((limit) => new Limiter(limit));
  const admittedMs = [];
  const refusedMs = [];
  const perProcess = Array.from({ length: processes }, () => 0);
  const timeline = [];
  let early = 0;
  let left = people;
  let fastest = 0;
  const endMs = startMs + forMs;

  const indexAfter = (ms) => {
    let [low, high] = [0, log.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (log[middle] <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const insert = (times, ms) => {
    let at = times.length;
    while (at > 0 && times[at - 1] > ms) at -= 1;
    times.splice(at, 0, ms);
  };
  const remove = (times, ms) => {
    const at = times.lastIndexOf(ms);
    if (at !== -1) times.splice(at, 1);
    return at !== -1;
  };
  const countsAt = (ms, nowMs) => {
    const upTo = indexAfter(ms);
    const since = (fromMs) => upTo - indexAfter(fromMs);
    const { second, tenSeconds, minute } = rule.WINDOW_MS;
    return {
      second: since(ms - second),
      tenSeconds: since(ms - tenSeconds),
      minute: since(ms - minute),
      hour: usedThisHour(nowMs).sum,
      clockSecond: since(ms - (ms % 1000) - 1e-6),
      sinceCleared: state.clearedMs > 0 ? since(state.clearedMs) : 0,
    };
  };
  const see = (seen, nowMs) => {
    const next = rule.learn(state, seen, rules, nowMs);
    if (next === state) return;
    if (next.perSecond !== state.perSecond || next.phase !== state.phase)
      timeline.push({ atMs: nowMs - startMs, phase: next.phase, perSecond: next.perSecond });
    state = next;
    act(nowMs);
  };
  const act = (nowMs) => {
    const perSecond = rule.paceOf(state, rules);
    fastest = Math.max(fastest, perSecond);
    const isProbing = state.congestion !== null;
    const pausedUntilUs = Math.round((state.congestion?.untilMs ?? state.restUntilMs) * 1000);
    const pauseUs = Math.max(0, pausedUntilUs - Math.round(nowMs * 1000));
    slots = { ...slots, intervalUs: Math.round(1e6 / perSecond), isProbing, pausedUntilUs, pauseUs, probeUntilUs: 0 };
  };
  act(startMs);

  // Processes and server stand still now and then, each by itself, when others have the processor: what is due then happens afterwards.
  const still = Array.from({ length: processes + 1 }, () => ({ fromMs: startMs, toMs: startMs }));
  const awake = (who, ms) => {
    if (stalls === null) return ms;
    const each = still[who];
    while (each.toMs <= ms) {
      each.fromMs = each.toMs + between([0, 2 * stalls.everyMs]);
      each.toMs = each.fromMs + between(stalls.lastMs);
    }
    return ms < each.fromMs ? ms : each.toMs;
  };
  const server = processes;

  const reportedMs = perProcess.map(() => -Infinity);
  const toldMs = perProcess.map(() => new Map());
  const work = (process) => (nowMs) => {
    if (left <= 0 || nowMs >= endMs) return;
    left -= 1;
    enter(process, nowMs);
  };
  // As in queue/pacer.ts: where a process has to wait, one of its calls asks for all.
  const queues = perProcess.map(() => []);
  const enter = (process, nowMs) => {
    queues[process].push(nowMs);
    if (queues[process].length === 1) askAt(process, nowMs);
  };
  const askAt = (process, nowMs) =>
    agenda.add(nowMs, (ms) => askFrom(process, awake(process, ms), 0, queues[process][0]));
  const askFrom = (process, nowMs, givenBack, sinceMs) =>
    agenda.add(nowMs + redisMs, (ms) => asking(process, ms, givenBack, sinceMs));
  const asking = (process, nowMs, givenBack, sinceMs) => {
    if (nowMs >= endMs) return;
    const budget = rule.hourlyBudgetOf(state, rules, nowMs);
    const { sum, first } = budget > 0 ? usedThisHour(nowMs) : { sum: 0, first: null };
    if (sum + 1 > budget && first !== null) {
      const freeMs = (first + 1) * rule.WINDOW_MS.minute + rule.WINDOW_MS.hour;
      askFrom(process, Math.max(freeMs, nowMs + 1), givenBack, sinceMs);
      return;
    }
    const earlierUs = Math.round((arrivals[arrivals.length - rule.stretchCalls(slots.intervalUs)] ?? 0) * 1000);
    const waitedUs = Math.round((nowMs - sinceMs) * 1000);
    const [asked, next] = rule.ask(slots, { waitedUs, earlierUs }, Math.round(nowMs * 1000));
    slots = next;
    if (asked.kind === "wait") {
      const waitMs = asked.waitUs / 1000;
      const untilMs = nowMs + (waitMs > 2000 ? waitMs : Math.max(1, Math.min(waitMs, 20))) + random() * lateMs;
      agenda.add(untilMs, (ms) => askFrom(process, awake(process, ms), givenBack, sinceMs));
      return;
    }
    const slotMs = asked.atUs / 1000;
    insert(log, slotMs);
    insert(arrivals, slotMs);
    countMinute(slotMs, 1);
    agenda.add(awake(process, nowMs + redisMs), (ms) => {
      const dueMs = ms >= slotMs ? ms : slotMs + random() * lateMs;
      agenda.add(dueMs, (wokenMs) =>
        leave(process, slotMs, asked.isProbe, awake(process, wokenMs), givenBack, sinceMs),
      );
      if (givenBack > 0) return;
      queues[process].shift();
      if (queues[process].length > 0) askAt(process, ms);
    });
  };
  const leave = (process, slotMs, isProbe, nowMs, givenBack, sinceMs) => {
    const isLate = nowMs - slotMs > rule.MOST_LATE_MS && !isProbe && givenBack < rule.MOST_GIVEN_BACK;
    if (!isLate) {
      agenda.add(nowMs, (ms) => send(process, slotMs, isProbe, ms));
      return;
    }
    if (remove(log, slotMs)) {
      countMinute(slotMs, -1);
      remove(arrivals, slotMs);
      slots = rule.giveBack(slots);
    }
    askFrom(process, nowMs, givenBack + 1, sinceMs);
  };
  const send = (process, slotMs, isProbe, sentMs) => {
    const wayMs = between(latencyMs) / 2;
    agenda.add(awake(server, sentMs + wayMs), (arrivedMs) => {
      const inForce = limiters.filter(
        ({ limit }) => arrivedMs >= (limit.fromMs ?? -Infinity) && arrivedMs < (limit.toMs ?? Infinity),
      );
      let answer = null;
      let headers = null;
      for (const limiter of inForce) {
        const taken = limiter.take(arrivedMs);
        if (taken.isEarly) early += 1;
        const resetMs = Math.ceil((taken.freeMs - arrivedMs) / 1000) * 1000;
        if (typeof limiter.limit.headers === "function") headers = limiter.limit.headers(random, resetMs);
        else if (limiter.limit.headers) headers = [{ calls: limiter.limit.calls, windowMs: null, resetMs }];
        if (!taken.isAdmitted) {
          answer = taken;
          break;
        }
      }
      if (answer === null) admittedMs.push(arrivedMs);
      else refusedMs.push(arrivedMs);
      agenda.add(arrivedMs + between(latencyMs) / 2, (backMs) =>
        agenda.add(awake(process, backMs), (ms) => ended(process, slotMs, isProbe, answer, headers, ms, sentMs)),
      );
    });
  };
  const ended = (process, slotMs, isProbe, refusal, headers, nowMs, sentMs) => {
    if (refusal !== null) {
      if (remove(log, slotMs)) countMinute(slotMs, -1);
      remove(arrivals, slotMs);
      see(
        {
          kind: "refused",
          atMs: slotMs,
          retryAfterMs: refusal.retryAfterMs,
          counts: countsAt(Math.max(slotMs, state.congestion?.latestMs ?? 0), nowMs),
        },
        nowMs,
      );
    } else {
      perProcess[process] += 1;
      const arrivedMs = nowMs - (usual[process].ms() ?? 0);
      usual[process].note(nowMs - sentMs);
      if (arrivedMs > slotMs + rule.LATE_ARRIVAL_MS && rule.countsArrivals(state) && remove(arrivals, slotMs))
        insert(arrivals, arrivedMs);
      if (headers !== null) {
        const key = rule.toldKey(headers);
        const isDue = nowMs - (toldMs[process].get(key) ?? -Infinity) >= rule.TELL_AGAIN_MS;
        if (isDue || !rule.isHeld(state.told, key)) {
          toldMs[process].set(key, nowMs);
          see({ kind: "told", limits: headers, counts: countsAt(nowMs + 50, nowMs) }, nowMs);
        }
      }
      if (isProbe || nowMs - reportedMs[process] >= rule.reportEveryMs(state)) {
        reportedMs[process] = nowMs;
        see({ kind: "admitted", atMs: slotMs, counts: countsAt(slotMs, nowMs) }, nowMs);
      }
    }
    // Taking the next job, and its steps in Redis.
    const again = refusal !== null ? (ms) => enter(process, ms) : work(process);
    agenda.add(nowMs + 4 * redisMs + random(), again);
  };

  for (let process = 0; process < processes; process += 1)
    for (let each = 0; each < concurrency; each += 1) agenda.add(startMs + random(), work(process));
  let lastMs = startMs;
  for (let next = agenda.take(); next !== undefined; next = agenda.take()) {
    lastMs = next.atMs;
    next.happen(next.atMs);
  }
  const isEnded = people < Infinity;
  return { admittedMs, refusedMs, early, state, log, fastest, perProcess, timeline, lastMs: isEnded ? lastMs : endMs };
}

/** The share of what the limit would have admitted after its first window that was used. */
export function shareUsed({ admittedMs }, { calls, windowMs }) {
  const firstMs = admittedMs[0] + windowMs;
  const used = admittedMs.filter((ms) => ms > firstMs).length;
  return used / ((calls * (admittedMs.at(-1) - firstMs)) / windowMs);
}
