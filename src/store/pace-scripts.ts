// The Lua scripts behind the pace. Redis's clock is the only one; all times are microseconds since 1970 unless a name says otherwise.

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
local function used(key, nowMs, bucketMs, hourMs)
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

/**
 * KEYS: pace, calls, budget. ARGV: purpose, interval and budget where nothing was learned yet, most ahead, slack, probe, look, bucket
 * (ms), hour (ms), calls kept, time or '', a slot given back or '', least ahead. The slots are domain/slots.ts once more. Purpose `token` waits for nothing and is counted; a `read` may exceed
 * the budget. Answers version, then `slot`, the slot, how far ahead it is, whether it is a probe; or `wait`, how long, because.
 */
export const ASK = `${NOW}${USED}
local now = clock(ARGV[11])
-- The minute in which a slot's call leaves, which is known from the slot: it is taken off again where it was counted.
local function minuteOf(slotUs) return math.floor((slotUs + tonumber(ARGV[5])) / 1000 / tonumber(ARGV[8])) end
local names = {'version', 'intervalUs', 'pausedUntilUs', 'pauseUs', 'isProbing', 'probeUntilUs', 'lastUs', 'budget'}
local held = redis.call('HMGET', KEYS[1], unpack(names))
local version = held[1] or '0'
local interval, last = tonumber(held[2] or ARGV[2]), tonumber(held[7] or 0)
local slot, isProbe = now, 0
if ARGV[12] ~= '' and redis.call('ZREM', KEYS[2], ARGV[12]) == 1 then
  redis.call('HINCRBY', KEYS[3], minuteOf(tonumber(ARGV[12])), -1)
end
if ARGV[1] ~= 'token' then
  local untilUs = math.min(tonumber(held[3] or 0), now + tonumber(held[4] or 0))
  if now < untilUs then
    redis.call('HSET', KEYS[1], 'pausedUntilUs', string.format('%.0f', untilUs))
    return {version, 'wait', untilUs - now, 'pause'}
  end
end
local bucketMs, hourMs, nowMs = tonumber(ARGV[8]), tonumber(ARGV[9]), math.floor(now / 1000)
if ARGV[1] == 'create' then
  local budget = tonumber(held[8] or ARGV[3])
  local cap = redis.call('HMGET', KEYS[1], 'capCalls', 'capAtMs', 'capPerDay')
  if tonumber(cap[1] or '') ~= nil then
    local days = math.max(0, (nowMs - tonumber(cap[2])) / 86400000)
    local learned = math.max(1, math.floor(tonumber(cap[1]) * tonumber(cap[3]) ^ days))
    if budget == 0 or learned < budget then budget = learned end
  end
  if budget > 0 then
    local calls, first = used(KEYS[3], nowMs, bucketMs, hourMs)
    if calls + 1 > budget and first ~= nil then
      return {version, 'wait', ((first + 1) * bucketMs + hourMs - nowMs) * 1000, 'budget'}
    end
  end
end
if ARGV[1] ~= 'token' then
  if held[5] == '1' then
    local probeUntil = tonumber(held[6] or 0)
    if now < probeUntil and probeUntil <= now + tonumber(ARGV[6]) then return {version, 'wait', tonumber(ARGV[7]), 'probe'} end
    redis.call('HSET', KEYS[1], 'probeUntilUs', string.format('%.0f', now + tonumber(ARGV[6])))
    redis.call('HSET', KEYS[1], 'probeUs', string.format('%.0f', now))
    isProbe = 1
  else
    if last > now + tonumber(ARGV[4]) then
      last = now
      redis.call('HSET', KEYS[1], 'lastUs', string.format('%.0f', last))
    end
    slot = math.max(now - math.min(tonumber(ARGV[5]), math.floor(interval / 2)), last + interval)
    local ahead = math.min(tonumber(ARGV[4]), math.max(tonumber(ARGV[13]), 3 * interval))
    if slot > now + ahead then return {version, 'wait', slot - ahead - now, 'pace'} end
  end
end
local text = string.format('%.0f', slot)
-- A token's call leaves between slots that are out already.
local isBetween = ARGV[1] == 'token' and last > slot and last <= now + tonumber(ARGV[4])
if not isBetween then redis.call('HSET', KEYS[1], 'lastUs', text) end
redis.call('ZADD', KEYS[2], text, text)
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[10]))
redis.call('PEXPIRE', KEYS[2], hourMs)
redis.call('HINCRBY', KEYS[3], minuteOf(slot), 1)
redis.call('PEXPIRE', KEYS[3], hourMs * 2)
return {version, 'slot', slot, math.max(0, slot - now), isProbe}`;

/**
 * KEYS: pace, calls, budget. ARGV: slot or '' for now, '1' when its call was refused and does not count, bucket (ms), hour (ms), time
 * or ''. Answers version, state, time, calls in the last second, ten seconds, minute, since the clock's second, in the hour, calls kept,
 * the oldest of them, whether the slot is that of the probe which all wait for.
 */
export const LOOK = `${NOW}${USED}
local now = clock(ARGV[5])
if ARGV[2] == '1' then redis.call('ZREM', KEYS[2], ARGV[1]) end
local at, last = now, '+inf'
if ARGV[1] ~= '' then at, last = tonumber(ARGV[1]), ARGV[1] end
local function since(from) return redis.call('ZCOUNT', KEYS[2], '(' .. string.format('%.0f', from), last) end
local oldest = redis.call('ZRANGE', KEYS[2], 0, 0)[1] or '0'
local hour = used(KEYS[3], math.floor(now / 1000), tonumber(ARGV[3]), tonumber(ARGV[4]))
return {redis.call('HGET', KEYS[1], 'version') or '0', redis.call('HGET', KEYS[1], 'state') or '', now,
  since(at - 1000000), since(at - 10000000), since(at - 60000000), since(at - at % 1000000 - 1), hour,
  redis.call('ZCARD', KEYS[2]), oldest, redis.call('HGET', KEYS[1], 'probeUs') == ARGV[1] and 1 or 0}`;

/** KEYS: pace. ARGV: version, '1' to keep a probe that is on its way, field, value, ... 0: somebody else was first. */
export const WRITE = `
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', tonumber(ARGV[1]) + 1, unpack(ARGV, 3))
if ARGV[2] ~= '1' then redis.call('HSET', KEYS[1], 'probeUntilUs', '0', 'probeUs', '') end
return 1`;
