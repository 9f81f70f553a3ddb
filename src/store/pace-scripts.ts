// The Lua scripts behind the pace. Redis's clock is the only one; all times are microseconds since 1970 unless a name says otherwise.
// What never changes stands in their text: every call asks, and arguments cost both sides more than the work.

import {
  BUNCH_US,
  CATCH_UP_SHARE,
  LEAST_AHEAD_US,
  LOOK_US,
  MOST_AHEAD_US,
  MOST_STRETCH_CALLS,
  PROBE_US,
  STRETCH_US,
} from "../domain/slots.ts";
import { forEach } from "./script.ts";

const HOUR_MS = 3_600_000;
/** Calls are counted by the minute. */
const BUCKET_MS = 60_000;
/** The latest calls are kept one by one, to be counted in any window. */
export const CALLS_KEPT = 10_000;

const NOW = `
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end
`;

// The hour slides: calls are counted by the minute, and a minute counts until its last moment is an hour old. What was counted while
// the clock was ahead counts from now on.
const USED = `
local bucketMs, hourMs = ${BUCKET_MS}, ${HOUR_MS}
local function minuteOf(us) return math.floor(us / 1000 / bucketMs) end
local function used(key, nowMs)
  local current = math.floor(nowMs / bucketMs)
  local oldest = current - hourMs / bucketMs
  local sum, first = 0, nil
  local fields = redis.call('HGETALL', key)
  for index = 1, #fields, 2 do
    local at = tonumber(fields[index])
    if at < oldest then
      redis.call('HDEL', key, fields[index])
    else
      sum = sum + tonumber(fields[index + 1])
      if at > current + 1 then
        redis.call('HINCRBY', key, current, fields[index + 1])
        redis.call('HDEL', key, fields[index])
        at = current
      end
      if first == nil or at < first then first = at end
    end
  end
  return sum, first
end
`;

// Many ask at the same moment: the state is read once for all of them and written once.
const STATE = `
local held = redis.call('HMGET', KEYS[1], 'version', 'intervalUs', 'pausedUntilUs', 'pauseUs', 'isProbing', 'probeUntilUs', 'lastUs',
  'dueUs', 'budget', 'capCalls', 'capAtMs', 'capPerDay')
local version, interval = held[1] or '0', tonumber(held[2] or ARGV[1])
local pausedUntil, pause, isProbing = tonumber(held[3] or 0), tonumber(held[4] or 0), held[5] == '1'
local probeUntil, last, due = tonumber(held[6] or 0), tonumber(held[7] or 0), tonumber(held[8] or 0)
local ownBudget, capCalls, capAt, capPerDay = tonumber(held[9] or ARGV[2]), tonumber(held[10] or ''), held[11], held[12]
local isHalted = redis.call('EXISTS', KEYS[5]) == 1
local function whole(us) return string.format('%.0f', us) end

local changed = {}
local function set(field, us) changed[field] = whole(us) end

local slots, taken, given, hourly, hourlyFirst = {}, {}, 0, nil, nil
local function count(slot)
  given = given + 1
  taken[minuteOf(slot)] = (taken[minuteOf(slot)] or 0) + 1
end
local function usedWith(nowMs)
  if hourly == nil then hourly, hourlyFirst = used(KEYS[3], nowMs) end
  local sum, first = hourly, hourlyFirst
  for at, calls in pairs(taken) do
    sum = sum + calls
    if first == nil or at < first then first = at end
  end
  return sum, first
end
`;

const KEEP = `
local fields, kept, isNew = {}, {}, false
for field, value in pairs(changed) do
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
if #fields > 0 then redis.call('HSET', KEYS[1], unpack(fields)) end
for index, slot in ipairs(slots) do
  kept[2 * index - 1] = slot
  kept[2 * index] = slot
end
for at, calls in pairs(taken) do
  isNew = redis.call('HINCRBY', KEYS[3], at, calls) == calls or isNew
end
if #slots > 0 then redis.call('ZADD', KEYS[2], unpack(kept)) end
if given > 0 then
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, ${-1 - CALLS_KEPT})
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, ${-1 - MOST_STRETCH_CALLS})
  if isNew or redis.call('ZCARD', KEYS[2]) <= #slots or redis.call('ZCARD', KEYS[4]) <= given then
    -- Once a minute is often enough to keep them for another hour.
    for index = 2, 4 do redis.call('PEXPIRE', KEYS[index], hourMs * 2) end
  end
end
`;

/**
 * KEYS: pace, calls, budget, arrivals, halt. ARGV: interval and budget where nothing was learned yet, own: purpose, time or '', how long whoever
 * asks has been waiting, a slot given back or ''. The slots are domain/slots.ts once more. A `read` may exceed the budget, and goes on in a halt,
 * since it may be what looks whether that is over. A `token` or `mint` waits for nothing, and keeps others at a distance. The first of the two
 * says nothing of a limit: bursts are counted per user, and whoever asks for an app's token is none yet (tallyfy-api.md 4). Answers version, then `slot`,
 * the slot, how far ahead it is, whether it is a probe; or `wait`, how long, because.
 */
export const ASK = forEach(
  { common: { keys: 5, args: 2 }, own: { keys: 0, args: 4 } },
  `
local purpose, now, waited, givenBack = ARGV[3], clock(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local isForToken = purpose == 'token' or purpose == 'mint'
local leastAhead, mostAhead, probe, look = ${LEAST_AHEAD_US}, ${MOST_AHEAD_US}, ${PROBE_US}, ${LOOK_US}
local stretch, mostCalls, share = ${STRETCH_US}, ${MOST_STRETCH_CALLS}, ${CATCH_UP_SHARE}
local nowMs = math.floor(now / 1000)
local missed = math.min(math.max(waited, ${BUNCH_US} - interval), stretch)
if givenBack ~= '' and redis.call('ZREM', KEYS[2], givenBack) == 1 then
  redis.call('ZREM', KEYS[4], givenBack)
  redis.call('HINCRBY', KEYS[3], minuteOf(tonumber(givenBack)), -1)
  hourly = nil
  due = due - interval
  set('dueUs', due)
end
-- The clock stepped back: what lies in its future says nothing of what there was lately.
if last > now + mostAhead then
  last, due, missed = now, now, 0
  set('lastUs', last)
  set('dueUs', due)
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '(' .. whole(now + mostAhead), '+inf')
end
local untilUs = math.min(pausedUntil, now + pause)
if not isForToken and now < untilUs then
  pausedUntil = untilUs
  set('pausedUntilUs', untilUs)
  return {version, 'wait', untilUs - now, 'pause'}
end
if purpose == 'create' then
  if isHalted then return {version, 'wait', 1000000, 'halt'} end
  local budget = ownBudget
  if capCalls ~= nil then
    local days = math.max(0, (nowMs - tonumber(capAt)) / 86400000)
    local learned = math.max(1, math.floor(capCalls * tonumber(capPerDay) ^ days))
    if budget == 0 or learned < budget then budget = learned end
  end
  if budget > 0 then
    local calls, first = usedWith(nowMs)
    if calls + 1 > budget and first ~= nil then
      return {version, 'wait', ((first + 1) * bucketMs + hourMs - nowMs) * 1000, 'budget'}
    end
  end
end
local slot, isProbe = now, 0
if isForToken then
  -- Its call leaves between slots that are out already.
  if last <= slot then
    last = slot
    set('lastUs', last)
  end
elseif isProbing then
  if now < probeUntil and probeUntil <= now + probe then return {version, 'wait', look, 'probe'} end
  probeUntil, last, due, isProbe = now + probe, now, now, 1
  set('probeUntilUs', probeUntil)
  set('probeUs', now)
  set('lastUs', last)
  set('dueUs', due)
else
  local dueThen = math.max(due + interval, now - missed, untilUs)
  local calls = math.min(mostCalls, math.max(1, math.ceil(stretch / math.max(1, interval))))
  local earlier = tonumber(redis.call('ZREVRANGE', KEYS[4], calls - 1, calls - 1, 'WITHSCORES')[2] or 0)
  local even = earlier > 0 and earlier + calls * interval or 0
  slot = math.max(now, dueThen, last + math.ceil(interval * share), even)
  local ahead = math.min(mostAhead, math.max(leastAhead, 3 * interval))
  if slot > now + ahead then return {version, 'wait', slot - ahead - now, 'pace'} end
  last, due = slot, dueThen
  set('lastUs', last)
  set('dueUs', due)
end
redis.call('ZADD', KEYS[4], whole(slot), whole(slot))
count(slot)
if purpose ~= 'token' then slots[#slots + 1] = whole(slot) end
return {version, 'slot', slot, slot - now, isProbe}`,
  NOW + USED + STATE,
  KEEP,
);

/**
 * KEYS: pace, calls, budget, arrivals. ARGV: slot or '' for now, '1' when its call was refused and does not count, time
 * or ''. Answers version, state, time, calls in the last second, ten seconds, minute, since the clock's second, in the hour, calls kept,
 * the oldest of them, those since the last congestion was over, whether the slot is that of the probe which all wait for.
 */
export const LOOK = `${NOW}${USED}
local now = clock(ARGV[3])
if ARGV[2] == '1' and redis.call('ZREM', KEYS[2], ARGV[1]) == 1 then
  redis.call('ZREM', KEYS[4], ARGV[1])
  redis.call('HINCRBY', KEYS[3], minuteOf(tonumber(ARGV[1])), -1)
end
local at, last = now, '+inf'
if ARGV[1] ~= '' then at, last = tonumber(ARGV[1]), ARGV[1] end
local function since(from) return redis.call('ZCOUNT', KEYS[2], '(' .. string.format('%.0f', from), last) end
local kept, oldest = redis.call('ZCARD', KEYS[2]), redis.call('ZRANGE', KEYS[2], 0, 0)[1] or '0'
local hour = used(KEYS[3], math.floor(now / 1000))
local cleared = tonumber(redis.call('HGET', KEYS[1], 'clearedUs') or 0)
local isCovered = cleared > 0 and (kept < ${CALLS_KEPT} or tonumber(oldest) <= cleared)
return {redis.call('HGET', KEYS[1], 'version') or '0', redis.call('HGET', KEYS[1], 'state') or '', now,
  since(at - 1000000), since(at - 10000000), since(at - 60000000), since(at - at % 1000000 - 1), hour,
  kept, oldest, isCovered and since(cleared) or 0, redis.call('HGET', KEYS[1], 'probeUs') == ARGV[1] and 1 or 0}`;

/** KEYS: pace. ARGV: version, '1' to keep a probe that is on its way, field, value, ... 0: somebody else was first. */
export const WRITE = `
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', tonumber(ARGV[1]) + 1, unpack(ARGV, 3))
if ARGV[2] ~= '1' then redis.call('HSET', KEYS[1], 'probeUntilUs', '0', 'probeUs', '') end
return 1`;
