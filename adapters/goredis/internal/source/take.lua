#!lua
-- Records tenures, each request by itself, in order. What decides is the
-- record; what the consumer group knows only follows.
--
-- ARGV 3: incarnation of the member
-- ARGV 4: ID of the member
-- ARGV 5: bytes of payload after which no further request is looked at
-- ARGV 6…: for each request message ID, name, token, milliseconds after which a
--   tenure is stable (0: none is), 1 if Go has seen that the entry announces
--   this name, the number of crashes from which on it is not taken (0: none),
--   and 1 if the tenure is on trial
-- Reply: an array for each request that was looked at, the first always:
--   {'taken', payload, failures, crashes, 1 if the last of them ended a tenure
--     on trial, 1 if the member did not have it already, change number and
--     count of the member's tally}
--   {'disowned', remembered token, change number, count}
--   {'not yet', milliseconds left, change number, count}
--   {'suspect', crashes, change number, count}
--   {'done', change number, count}, {'lost', change number, count}
--   {'verify', payload, change number, count}: nothing is done yet; ask again if
--     the payload announces the name
local INCARNATION, MEMBER, BYTES = ARGV[3], ARGV[4], tonumber(ARGV[5])
local WORDS = 7

local group = required_group()
local claimed, no_longer_due = {}, {}
local bytes = 0

-- announces recognizes the common way to write the payload. Whatever is written
-- in another way is for Go's parser.
local function announces(payload, name)
  if string.find(name, '["\\%c]') then
    return false
  end
  local _, open = string.find(payload, '^%s*{%s*"DataStreamName"%s*:%s*"')
  return open and string.sub(payload, open + 1, open + #name + 1) == name .. '"'
end

-- vanished is the answer for an assignment without an entry: it is done, unless
-- something shows that it was still pending.
local function vanished(id, name, record)
  local was_pending = redis.call('XACK', STREAM, GROUP, id) == 1
  if record then
    lose(id, record)
    return { 'lost' }
  elseif was_pending then
    lose(id, { name = name, token = '0', taker = '', failures = 0, crashes = 0 })
    return { 'lost' }
  end
  return { 'done' }
end

-- change_taker moves the assignment between the sets of what is taken, and
-- answers 1 if the member did not have it.
local function change_taker(id, record)
  local changed = 1
  if record.settled == OPEN then
    if record.taker == INCARNATION then
      changed = 0
    elseif record.taker ~= NOBODY then
      change_tally(record.taker, -1)
    end
  end
  if changed == 1 then
    change_tally(INCARNATION, 1)
    tally_of(INCARNATION).id = MEMBER
  end
  record.taker = INCARNATION
  return changed
end

local function begin_tenure(id, record, token, stable_after, trial)
  convict(id, record)
  if record.settled ~= OPEN then
    no_longer_due[#no_longer_due + 1] = id
  elseif record.taker ~= NOBODY then
    forgive(id, record, stable_after)
    -- Who takes it again lives.
    if record.taker ~= INCARNATION then
      record.suspect = suspicion(record)
    end
  end
  local changed = change_taker(id, record)
  record.token, record.since, record.retry, record.settled = token, NOW, 0, OPEN
  record.trial = trial
  change_record(id, record)
  return changed
end

local function new_record(id, name)
  local delivered = is_after(id, group.last) and '0' or '1'
  return {
    token = '0', taker = NOBODY, since = NOW, suspect = NOBODY, failures = 0, crashes = 0,
    retry = 0, settled = OPEN, delivered = delivered, name = name,
  }
end

local function tenure(payload, record, changed)
  bytes = bytes + #payload
  return { 'taken', payload, record.failures, record.crashes, record.crashed_alone and 1 or 0, changed }
end

-- repeated is the answer to a Take that the member has made before.
local function repeated(id, record, payload, trial)
  if not trial and stand_trial(record) then
    change_record(id, record)
  end
  claimed[#claimed + 1] = id
  return tenure(payload, record, 0)
end

local function take(id, name, token, stable_after, verified, suspect, trial)
  local record = record_of(id)
  if record and record.name ~= name then
    return { 'done' }
  end
  local entry = entry_of(id)
  if not entry then
    return vanished(id, name, record)
  end
  local payload = payload_of(entry)
  if not payload then
    return { 'done' }
  end
  if not record then
    if verified ~= '1' and not announces(payload, name) then
      bytes = bytes + #payload
      return { 'verify', payload }
    end
    record = new_record(id, name)
  elseif token == record.token and INCARNATION == record.taker and record.settled == OPEN then
    return repeated(id, record, payload, trial)
  elseif not exceeds(token, record.token) then
    return { 'disowned', record.token }
  elseif record.retry > NOW then
    return { 'not yet', record.retry - NOW }
  elseif suspect > 0 and crashes_standing(record, stable_after) >= suspect then
    return { 'suspect', crashes_standing(record, stable_after) }
  end
  local changed = begin_tenure(id, record, token, stable_after, trial)
  claimed[#claimed + 1] = id
  return tenure(payload, record, changed)
end

local ids = {}
for i = 6, #ARGV, WORDS do
  ids[#ids + 1] = ARGV[i]
end
load_records(ids)

local reply = {}
for i = 6, #ARGV, WORDS do
  local answer = take(ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), ARGV[i + 4],
    tonumber(ARGV[i + 5]), ARGV[i + 6] == '1')
  local tally = tally_of(INCARNATION)
  answer[#answer + 1] = tally.change
  answer[#answer + 1] = tally.count
  reply[#reply + 1] = answer
  if bytes >= BYTES then
    break
  end
end
write_records()
write_tallies()
claim(INCARNATION, claimed)
if #no_longer_due > 0 then
  redis.call('ZREM', DUE, unpack(no_longer_due))
end
return reply
