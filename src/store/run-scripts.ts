// The Lua scripts behind the run store: each is one transaction, so that a crash leaves either all of it or nothing.

import { forEach } from "./script.ts";

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

/** How the error begins by which a script refuses a reading that is not the run's latest, or no longer wanted. */
export const READING_LOST = "READINGLOST";

const LATEST = `
local function isLatest(id) return redis.call('HGET', KEYS[1], 'reading') == id end
local function isRead() return redis.call('HGET', KEYS[1], 'state') == 'reading' end
local lost = redis.error_reply('${READING_LOST} this reading is not the latest of its run')
`;

/**
 * KEYS: run, what is recorded of it, ... ARGV: id of the new reading, id of the one before or ''. In one step with the removing:
 * no command of an earlier reading comes in between. Sent again, it finds itself and is begun once more.
 */
export const BEGIN_READING = `${LATEST}
if not isRead() then return lost end
if ARGV[2] ~= '' and not isLatest(ARGV[2]) and not isLatest(ARGV[1]) then return lost end
redis.call('HSET', KEYS[1], 'reading', ARGV[1])
redis.call('DEL', unpack(KEYS, 2))
return 1`;

/** KEYS: run, a part of its plan. ARGV: reading, command, its arguments. A plan that was published is not touched any more. */
export const RECORD = `${LATEST}
if not isRead() or not isLatest(ARGV[1]) then return lost end
redis.call(ARGV[2], KEYS[2], unpack(ARGV, 3))
return 1`;

/**
 * KEYS: run, changes, order. ARGV: reading, number of the part, its jobs (JSON, "operation key"), its changes (JSON, a line each). Two texts
 * instead of a thousand cost the sender a fraction.
 */
export const RECORD_CHANGES = `${LATEST}
if not isRead() or not isLatest(ARGV[1]) then return lost end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
local fields, index = {}, 1
local jobs = cjson.decode(ARGV[3])
for change in string.gmatch(ARGV[4], '[^\\n]+') do
  fields[#fields + 1] = string.match(jobs[index], ' (.*)$')
  fields[#fields + 1] = change
  index = index + 1
  if #fields == 1000 then
    redis.call('HSET', KEYS[2], unpack(fields))
    fields = {}
  end
end
if #fields > 0 then redis.call('HSET', KEYS[2], unpack(fields)) end
return 1`;

/** KEYS: order, changes. ARGV: number of a part. Answers those of its jobs whose change is open; false when there is no such part. */
export const OPEN_JOBS = `
local part = redis.call('HGET', KEYS[1], ARGV[1])
if not part then return false end
local open = {}
for _, job in ipairs(cjson.decode(part)) do
  if redis.call('HEXISTS', KEYS[2], string.match(job, ' (.*)$')) == 1 then open[#open + 1] = job end
end
return open`;

// Which run gives way to which, shared by PUBLISH and DECIDE. Run ids sort by time. Names of other runs' keys are made from
// ARGV, inside the same hash tag.
//
//   this run                 | gives way to                                   | takes over from
//   -------------------------|------------------------------------------------|---------------------------------------------
//   a roster, to be applied  | a newer roster that is applied or was accepted | everything older, and every night's run
//   a roster, to be held     | the same                                       | older rosters that are held
//   a night's run            | anything that is applied                       | earlier nights' runs that are held
//   a held run, released     | nothing: a person decided                      | everything older, every night's run, what is applied
const SUPERSEDE = `
local superseded = {}
local function stateOf(key) return redis.call('HGET', key, 'state') end
local function isNight(key) return redis.call('HGET', key, 'trigger') == '"nightly"' end
local function takeOver(unfinished, closing, runId, prefix, fits)
  for _, other in ipairs(redis.call('SMEMBERS', unfinished)) do
    local key = prefix .. other
    if other ~= runId and fits(other, key) then
      redis.call('HSET', key, 'state', 'superseded', 'supersededBy', cjson.encode(runId))
      redis.call('SREM', unfinished, other)
      redis.call('SADD', closing, other)
      table.insert(superseded, other)
    end
  end
end
`;

/**
 * KEYS: run, unfinished, closing, changes, meta. ARGV: runId, state, key prefix of runs, planned changes, reading, field, value, ...
 * Answers the run's state, then the runs that gave way. A plan that is not there as a whole is not published.
 */
export const PUBLISH = `${SUPERSEDE}${LATEST}
local run, runId = KEYS[1], ARGV[1]
if not isLatest(ARGV[5]) then return lost end
if stateOf(run) ~= 'reading' then return {stateOf(run)} end
if redis.call('HLEN', KEYS[4]) ~= tonumber(ARGV[4]) then return redis.error_reply('PLANCUT the recorded plan is not complete') end
-- A Redis that was set back may have it from an earlier plan.
redis.call('HSET', run, 'isCarriedOut', 'false')
for index = 6, #ARGV, 2 do redis.call('HSET', run, ARGV[index], ARGV[index + 1]) end
local night = isNight(run)

local newer = nil
for _, other in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local key = ARGV[3] .. other
  if other ~= runId and stateOf(key) == 'applying' and (night or (not isNight(key) and other > runId)) then newer = other end
end
local accepted = redis.call('HGET', KEYS[5], 'accepted')
if not night and accepted and cjson.decode(accepted).runId > runId then newer = newer or cjson.decode(accepted).runId end
if newer then
  redis.call('HSET', run, 'state', 'superseded', 'supersededBy', cjson.encode(newer))
  redis.call('SADD', KEYS[3], runId)
  return {'superseded'}
end

redis.call('HSET', run, 'state', ARGV[2])
redis.call('SADD', KEYS[2], runId)
if ARGV[2] == 'applying' and redis.call('HLEN', KEYS[4]) == 0 then redis.call('SADD', KEYS[3], runId) end
takeOver(KEYS[2], KEYS[3], runId, ARGV[3], function(other, key)
  if night then return isNight(key) and stateOf(key) == 'held' end
  if ARGV[2] == 'held' then return stateOf(key) == 'held' and not isNight(key) and other < runId end
  return isNight(key) or other < runId
end)
table.insert(superseded, 1, ARGV[2])
return superseded`;

/** KEYS: run, unfinished, closing, changes. ARGV: runId, decision, key prefix of runs, plan hash, decided by, because, reason (all JSON). */
export const DECIDE = `${SUPERSEDE}
if stateOf(KEYS[1]) ~= 'held' then return 0 end
if redis.call('HGET', KEYS[1], 'planHash') ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'decidedBy', ARGV[5], 'because', ARGV[6], 'reason', ARGV[7])
if ARGV[2] == 'applying' then
  takeOver(KEYS[2], KEYS[3], ARGV[1], ARGV[3], function(other, key)
    return isNight(key) or other < ARGV[1] or stateOf(key) == 'applying'
  end)
  if redis.call('HLEN', KEYS[4]) == 0 then redis.call('SADD', KEYS[3], ARGV[1]) end
else
  redis.call('SREM', KEYS[2], ARGV[1])
  redis.call('SADD', KEYS[3], ARGV[1])
end
return 1`;

/**
 * KEYS: run, meta. ARGV: runId, field, value, ... Nothing is accepted of a run that Redis has forgotten, or has as not released yet or over,
 * and an older roster does not replace a newer one. One that gave way meanwhile was released all the same.
 */
export const ACCEPT = `
local run = redis.call('HMGET', KEYS[1], 'state', 'endedAt')
if run[1] ~= 'applying' and (run[1] ~= 'superseded' or run[2] ~= 'null') then return 0 end
local accepted = redis.call('HGET', KEYS[2], 'accepted')
if accepted and cjson.decode(accepted).runId > ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], unpack(ARGV, 2))
return 1`;

/**
 * KEYS: run, unfinished, closing, changes, portrait. ARGV: runId, reading that came to no plan or '', '1' when it must be
 * carried out, field, value, ... Sent again, it finds the reading as it was and sets the same once more. 0: Redis was set back since the
 * run was looked at, and there is something left to do.
 */
export const CLOSE = `${LATEST}
if ARGV[2] ~= '' and not isLatest(ARGV[2]) then return lost end
if ARGV[2] == '' and (isRead() or redis.call('EXISTS', KEYS[1]) == 0) then return 0 end
if redis.call('HLEN', KEYS[4]) > 0 then return 0 end
if ARGV[3] == '1' and redis.call('HGET', KEYS[1], 'isCarriedOut') ~= 'true' then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[5])
return 1`;

// Parsing a whole change costs more than all else. Inside a text of JSON a quote is escaped, so that what is found is a field's name.
const FIELD = `
local function field(json, name, pattern)
  return string.match(json, '"' .. name .. '":' .. pattern)
end
`;

/**
 * KEYS: changes, run, ledger, tried, own: claim. ARGV: claim for ms, own: person key, holder of the claim. Whoever comes for the same person
 * in the same batch finds what the earlier one left.
 */
export const BEGIN = forEach(
  { common: { keys: 4, args: 1 }, own: { keys: 1, args: 2 } },
  `
local key, me = ARGV[2], ARGV[3]
local holder = claimed[key] or holders[caller]
local change = run[1] == 'applying' and changes[caller]
if not change then
  if holder == me then redis.call('DEL', KEYS[5]) end
  return {'gone'}
end
if holder and holder ~= me then return {'busy'} end
redis.call('SET', KEYS[5], me, 'PX', ARGV[1])
local hash = field(change, 'emailHash', '"([^"]*)"')
local wasTried = (claimed[key] or tried[caller] == hash) and 1 or 0
claimed[key] = me
tries[#tries + 1] = key
tries[#tries + 1] = hash
return {'yours', change, known[caller] or '', wasTried, run[2] or 'null'}`,
  `${FIELD}
local run, people = redis.call('HMGET', KEYS[2], 'state', 'sha256'), ownArgs(1)
local changes, holders = redis.call('HMGET', KEYS[1], unpack(people)), redis.call('MGET', unpack(ownKeys(1)))
local known, tried = redis.call('HMGET', KEYS[3], unpack(people)), redis.call('HMGET', KEYS[4], unpack(people))
local claimed, tries = {}, {}`,
  `if #tries > 0 then redis.call('HSET', KEYS[4], unpack(tries)) end`,
);

/** KEYS: claim, tried. ARGV: person key, holder of the claim, '1' when Tallyfy never saw the request and no earlier attempt did. */
export const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end
if ARGV[3] == '1' then redis.call('HDEL', KEYS[2], ARGV[1]) end
return 0`;

/**
 * KEYS: changes, outcomes, run, ledger, emails, tried, closing, refusals, trouble, own: claim.
 * ARGV: run id, start of the holders whose claim ends with it, or '', own: person key, outcome (JSON), status, ledger entry
 * (JSON or ''), e-mail fingerprint.
 * An outcome that leaves open whether Tallyfy made the account leaves the person among the tried, for the next run to know.
 * Of a plan that is still in the making, which only a Redis that was set back can have, nothing is settled: it is made again.
 * The first outcome stays; the ledger entry is written whatever came before: the account exists. An account made ends refusals
 * and trouble in a row: here, since that spares each person a round trip to Redis.
 */
export const SETTLE = forEach(
  { common: { keys: 9, args: 2 }, own: { keys: 1, args: 5 } },
  `
local key, outcome, status, entry, emailHash = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
if entry ~= '' then
  redis.call('HSETNX', KEYS[4], key, entry)
  add(emails, emailHash, key)
end
local change = state ~= 'reading' and not isSettled[key] and changes[caller]
if change then
  isSettled[key] = true
  add(outcomes, key, '{"line":' .. field(change, 'line', '(%d+)') .. ',"outcome":' .. outcome .. '}')
  settled[#settled + 1] = key
  counts[status] = (counts[status] or 0) + 1
  open = open - 1
end
local holder = holders[caller]
if holder and ARGV[2] ~= '' and string.sub(holder, 1, #ARGV[2]) == ARGV[2] then claims[#claims + 1] = KEYS[10] end
if status ~= 'stale' and status ~= 'exhausted' then sure[#sure + 1] = key end
if status == 'applied' then isMade = true end
return open`,
  `${FIELD}
local state, open = redis.call('HGET', KEYS[3], 'state'), redis.call('HLEN', KEYS[1])
local changes, holders = redis.call('HMGET', KEYS[1], unpack(ownArgs(1))), redis.call('MGET', unpack(ownKeys(1)))
local emails, outcomes, settled, counts, claims, sure, isSettled, isMade = {}, {}, {}, {}, {}, {}, {}, false
local function add(fields, field, value)
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
local function all(command, key, fields)
  if #fields > 0 then redis.call(command, key, unpack(fields)) end
end`,
  // What needs memory comes first: a Redis without any refuses all of it, or nothing.
  `
all('HSET', KEYS[5], emails)
all('HSET', KEYS[2], outcomes)
for status, people in pairs(counts) do redis.call('HINCRBY', KEYS[3], 'outcome:' .. status, people) end
all('HDEL', KEYS[1], settled)
all('HDEL', KEYS[6], sure)
if #claims > 0 then redis.call('DEL', unpack(claims)) end
if open == 0 and state == 'applying' then redis.call('SADD', KEYS[7], ARGV[1]) end
if isMade then redis.call('DEL', KEYS[8], KEYS[9]) end`,
);

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
