// The Lua scripts behind the run store: each is one transaction, so that a crash leaves either all of it or nothing.

/** KEYS: run. ARGV: field, value, ... Creates the run; 0 when it exists. */
export const OPEN = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1`;

/** KEYS: run. ARGV: field, value, ... A run that was forgotten does not come back by it. */
export const UPDATE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1`;

/** KEYS: run, a part of its plan. ARGV: command, its arguments. A plan that was published is not touched any more. */
export const RECORD = `
if redis.call('HGET', KEYS[1], 'state') ~= 'reading' then return 0 end
redis.call(ARGV[1], KEYS[2], unpack(ARGV, 2))
return 1`;

// Shared by PUBLISH and DECIDE: every other unfinished run (of one roster, or all) becomes superseded.
// Names of other runs' keys are made from ARGV, inside the same hash tag.
const SUPERSEDE = `
local superseded = {}
local function supersede(unfinished, closing, runId, prefix, onlySha, onlyHeld)
  for _, other in ipairs(redis.call('SMEMBERS', unfinished)) do
    local key = prefix .. other
    local isMeant = onlySha == '' or redis.call('HGET', key, 'sha256') == onlySha
    if onlyHeld and redis.call('HGET', key, 'state') ~= 'held' then isMeant = false end
    if other ~= runId and isMeant then
      redis.call('HSET', key, 'state', 'superseded', 'supersededBy', cjson.encode(runId))
      redis.call('SREM', unfinished, other)
      redis.call('SADD', closing, other)
      table.insert(superseded, other)
    end
  end
end
`;

/** KEYS: run, unfinished, closing, changes. ARGV: runId, state, key prefix of runs, sha256 to supersede or '', field, value, ... */
export const PUBLISH = `${SUPERSEDE}
if redis.call('HGET', KEYS[1], 'state') ~= 'reading' then return superseded end
for index = 5, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1]) end
redis.call('HSET', KEYS[1], 'state', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[1])
if ARGV[2] == 'applying' and redis.call('HLEN', KEYS[4]) == 0 then redis.call('SADD', KEYS[3], ARGV[1]) end
-- What waits for a person takes nothing from what is under way.
supersede(KEYS[2], KEYS[3], ARGV[1], ARGV[3], ARGV[4], ARGV[2] == 'held')
return superseded`;

/** KEYS: run, unfinished, closing, changes. ARGV: runId, decision, key prefix of runs, plan hash, decided by, because, reason (all JSON). */
export const DECIDE = `${SUPERSEDE}
if redis.call('HGET', KEYS[1], 'state') ~= 'held' then return 0 end
if redis.call('HGET', KEYS[1], 'planHash') ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'decidedBy', ARGV[5], 'because', ARGV[6], 'reason', ARGV[7])
if ARGV[2] == 'applying' then
  supersede(KEYS[2], KEYS[3], ARGV[1], ARGV[3], '', false)
  if redis.call('HLEN', KEYS[4]) == 0 then redis.call('SADD', KEYS[3], ARGV[1]) end
else
  redis.call('SREM', KEYS[2], ARGV[1])
  redis.call('SADD', KEYS[3], ARGV[1])
end
return 1`;

/** KEYS: changes, run, ledger, claim, tried. ARGV: person key, holder of the claim, claim for ms. */
export const BEGIN = `
local holder = redis.call('GET', KEYS[4])
local change = redis.call('HGET', KEYS[2], 'state') == 'applying' and redis.call('HGET', KEYS[1], ARGV[1])
if not change then
  if holder == ARGV[2] then redis.call('DEL', KEYS[4]) end
  return {'gone'}
end
if holder and holder ~= ARGV[2] then return {'busy'} end
redis.call('SET', KEYS[4], ARGV[2], 'PX', ARGV[3])
local tried = redis.call('SISMEMBER', KEYS[5], ARGV[1])
redis.call('SADD', KEYS[5], ARGV[1])
return {'yours', change, redis.call('HGET', KEYS[3], ARGV[1]) or '', tried, redis.call('HGET', KEYS[2], 'sha256') or 'null'}`;

/** KEYS: claim, tried. ARGV: person key, holder of the claim, '1' when Tallyfy never saw the request and no earlier attempt did. */
export const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end
if ARGV[3] == '1' then redis.call('SREM', KEYS[2], ARGV[1]) end
return 0`;

/**
 * KEYS: changes, outcomes, run, ledger, emails, claim, tried, closing.
 * ARGV: person key, outcome (JSON), status, ledger entry (JSON or ''), e-mail fingerprint, run id, start of the holders
 * whose claim ends with it, or ''.
 * An outcome that leaves open whether Tallyfy made the account leaves the person among the tried, for the next run to know.
 * The first outcome stays; the ledger entry is written whatever came before: the account exists.
 */
export const SETTLE = `
if ARGV[4] ~= '' then
  redis.call('HSETNX', KEYS[4], ARGV[1], ARGV[4])
  redis.call('HSET', KEYS[5], ARGV[5], ARGV[1])
end
local change = redis.call('HGET', KEYS[1], ARGV[1])
if change then
  local line = string.format('%d', cjson.decode(change).line)
  redis.call('HSET', KEYS[2], ARGV[1], '{"line":' .. line .. ',"outcome":' .. ARGV[2] .. '}')
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HINCRBY', KEYS[3], 'outcome:' .. ARGV[3], 1)
end
local holder = redis.call('GET', KEYS[6])
if holder and ARGV[7] ~= '' and string.sub(holder, 1, #ARGV[7]) == ARGV[7] then redis.call('DEL', KEYS[6]) end
if ARGV[3] ~= 'stale' and ARGV[3] ~= 'exhausted' then redis.call('SREM', KEYS[7], ARGV[1]) end
local open = redis.call('HLEN', KEYS[1])
if open == 0 and redis.call('HGET', KEYS[3], 'state') == 'applying' then redis.call('SADD', KEYS[8], ARGV[6]) end
return open`;

/** KEYS: ledger, emails. ARGV: person key, e-mail fingerprint, entry (JSON). An entry made without an employee id gives way. */
export const ADOPT = `
if redis.call('HGET', KEYS[2], ARGV[2]) == ARGV[2] and ARGV[1] ~= ARGV[2] then
  local former = redis.call('HGET', KEYS[1], ARGV[2])
  if former then
    local entry = cjson.decode(former)
    local adopted = cjson.decode(ARGV[3])
    entry.key = adopted.key
    if type(entry.accountId) ~= 'number' then entry.accountId = adopted.accountId end
    redis.call('HSETNX', KEYS[1], ARGV[1], cjson.encode(entry))
    redis.call('HDEL', KEYS[1], ARGV[2])
  end
end
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
return 1`;
