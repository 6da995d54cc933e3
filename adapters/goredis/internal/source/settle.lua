#!lua flags=allow-oom
-- Ends tenures, each settlement by itself, in order. One has an effect only
-- while the record remembers its token and its member, and is not settled.
--
-- ARGV 3: incarnation of the member
-- ARGV 4: ID of the member
-- ARGV 5…: for each settlement message ID, name, token, outcome (d Done,
--   h HandedOff, f Failed, q Quarantined), reason, milliseconds until the retry
--   time, milliseconds after which a tenure is stable (0: none is)
-- Reply: an array for each settlement:
--   {'gone', 1 if the member had it, change number and count of its tally}
--   {'given back', 1 if the member had it, change number, count}
--   {'disowned', remembered token, change number, count}
local INCARNATION, MEMBER = ARGV[3], ARGV[4]
local WORDS = 7
local DONE, HANDED_OFF, FAILED, QUARANTINED = 'd', 'h', 'f', 'q'

local finished, is_finished = {}, {}
local due = {}

-- note remembers how the tenure ended, once there is bad news to explain.
local function note(id, record, outcome, reason)
  if outcome == FAILED or outcome == QUARANTINED or record.failures + record.crashes > 0 then
    note_ending(id, {
      member = MEMBER, incarnation = INCARNATION, token = record.token,
      outcome = OUTCOMES[outcome], reason = reason,
    })
  end
end

local function finish(id)
  finished[#finished + 1] = id
  is_finished[id] = true
  change_tally(INCARNATION, -1)
  change_record(id, false)
end

-- give_back frees the assignment. An undelivered one is Fetch's alone, which
-- puts it into the index when it has answered it.
local function give_back(id, record, outcome, retry)
  change_tally(INCARNATION, -1)
  record.settled, record.since, record.retry, record.trial = outcome, NOW, retry, false
  change_record(id, record)
  if record.delivered == '1' then
    due[#due + 1] = retry
    due[#due + 1] = id
  end
end

local function settle(id, record, outcome, reason, retry_in, stable_after)
  convict(id, record)
  forgive(id, record, stable_after)
  if outcome == DONE then
    finish(id)
    return { 'gone', 1 }
  end
  note(id, record, outcome, reason)
  if outcome == QUARANTINED then
    quarantine(id, entry_of(id), record, reason)
    return { 'gone', 1 }
  elseif outcome == FAILED then
    record.failures = record.failures + 1
    give_back(id, record, outcome, retry_in > 0 and NOW + 1 + retry_in or NOW)
  else
    give_back(id, record, outcome, NOW)
  end
  return { 'given back', 1 }
end

local function answer(id, name, token, outcome, reason, retry_in, stable_after)
  local record = record_of(id)
  if record and record.name ~= name then
    return { 'gone', 0 }
  elseif not record then
    local is_there = not is_finished[id] and entry_of(id)
    return is_there and { 'disowned', '0' } or { 'gone', 0 }
  end
  if record.token == token and record.taker == INCARNATION then
    if record.settled == OPEN then
      return settle(id, record, outcome, reason, retry_in, stable_after)
    elseif record.settled == outcome then
      return { 'given back', 0 }
    end
  end
  if acquit(record, INCARNATION) then
    change_record(id, record)
  end
  return { 'disowned', record.token }
end

local ids = {}
for i = 5, #ARGV, WORDS do
  ids[#ids + 1] = ARGV[i]
end
load_records(ids)

local reply = {}
for i = 5, #ARGV, WORDS do
  local result = answer(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4],
    tonumber(ARGV[i + 5]), tonumber(ARGV[i + 6]))
  local tally = tally_of(INCARNATION)
  result[#result + 1] = tally.change
  result[#result + 1] = tally.count
  reply[#reply + 1] = result
end
write_records()
write_tallies()
if #finished > 0 then
  -- Without the group nothing is pending, and the answer is an error.
  redis.pcall('XACK', STREAM, GROUP, unpack(finished))
  redis.call('XDEL', STREAM, unpack(finished))
  redis.call('ZREM', DUE, unpack(finished))
end
if #due > 0 then
  redis.call('ZADD', DUE, unpack(due))
end
return reply
