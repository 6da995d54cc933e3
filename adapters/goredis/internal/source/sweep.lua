#!lua
-- Answers what was given back and is due, and the next page of the fleet's
-- shared round over what was delivered and not settled, unless its time has not
-- come. The state of the round is the hash SWEEP:
--
--   number, size  of the last round that began, and of the last complete one
--   cursor        message ID that the round has come to; empty between rounds
--   last          newest message ID that was delivered when the round began
--   passed        entries that the round has gone through
--   started       when it began (milliseconds)
--   ready         when the pace allows the next page (milliseconds)
--   walk, restoring  see walk.lua
--
-- ARGV 3: largest page
-- ARGV 4: milliseconds from the start of a round to that of the next, at least
-- ARGV 5: pace of a round, entries a second; 0: no limit
-- ARGV 6: bytes of payload that are enough for a page
-- ARGV 7: about how many records to walk over with each page of the round
-- Reply: {due, round, 1 if more is due, number, size, milliseconds to the next
--   page}; due and round hold for each assignment message ID, payload, token or
--   '0', taker or empty, 1 if settled, age and milliseconds to the retry time
local LIMIT, INTERVAL, PACE = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local BYTES, WALK = tonumber(ARGV[6]), tonumber(ARGV[7])
-- An entry may be large, and a bite is in memory as a whole.
local BITE = 16
-- What is due and was answered goes to the end of the queue, so that it does not
-- hide what is behind it when nobody can take it. Half a millisecond, which no
-- retry time has, marks it; only after this time does it count as more.
local ANSWERED = 0.5
local ANSWER_AGAIN = 1000

local group = required_group()
local due, round = {}, {}
local more = 0

local function push(page, id, payload, record, age)
  page[#page + 1] = id
  page[#page + 1] = payload
  page[#page + 1] = record and record.token or '0'
  page[#page + 1] = record and record.taker or ''
  page[#page + 1] = record and record.settled ~= OPEN and 1 or 0
  page[#page + 1] = math.max(math.floor(age), 0)
  page[#page + 1] = record and math.max(record.retry - NOW, 0) or 0
end

-- push_due answers the payload's size, 0 when there is nothing to take.
local function push_due(id)
  local record = records[id]
  if not record or record.settled == OPEN then
    redis.call('ZREM', DUE, id)
    return 0
  end
  local entry = entry_of(id)
  if not entry then
    lose(id, record)
    return 0
  end
  local payload = payload_of(entry) or ''
  push(due, id, payload, record, NOW - record.since)
  return #payload
end

local function is_more(score)
  return score % 1 ~= ANSWERED or score <= NOW - ANSWER_AGAIN
end

local function sweep_due()
  local queue = redis.call('ZRANGEBYSCORE', DUE, '-inf', NOW + ANSWERED, 'WITHSCORES', 'LIMIT', 0, LIMIT + 1)
  local ids, scores = {}, {}
  for i = 1, #queue, 2 do
    ids[#ids + 1] = queue[i]
    scores[#scores + 1] = tonumber(queue[i + 1])
  end
  load_records(ids)
  local bytes = 0
  local answered = {}
  for i, id in ipairs(ids) do
    if i > LIMIT or bytes >= BYTES then
      more = is_more(scores[i]) and 1 or 0
      break
    end
    bytes = bytes + push_due(id)
    answered[#answered + 1] = NOW + ANSWERED
    answered[#answered + 1] = id
  end
  if #answered > 0 then
    redis.call('ZADD', DUE, 'XX', unpack(answered))
  end
end

local stored = redis.call('HMGET', SWEEP, 'number', 'size', 'cursor', 'last', 'passed', 'started', 'ready')
local state = {
  number = tonumber(stored[1]) or 0, size = tonumber(stored[2]) or 0,
  cursor = stored[3] or '', last = stored[4] or '0-0', passed = tonumber(stored[5]) or 0,
  started = tonumber(stored[6]) or 0, ready = tonumber(stored[7]) or 0,
}

-- A clock that was set back must not stop the rounds for as long.
local longest_wait = math.max(60000, PACE > 0 and LIMIT * 1000 / PACE or 0)
if state.ready > NOW + longest_wait then
  state.ready = 0
end
if state.started > NOW then
  state.started = 0
end

-- next_in is the time to the next page.
local function next_in()
  local ready = state.ready
  if state.cursor == '' and state.number > 0 then
    ready = math.max(ready, state.started + INTERVAL)
  end
  return math.max(ready - NOW, 0)
end

local function begin_round()
  state.number, state.passed, state.started = state.number + 1, 0, NOW
  state.cursor, state.last = '0-0', group.last
end

-- read_entries reads from the cursor on, and answers how far it has seen
-- everything.
local function read_entries()
  local entries, bytes, at = {}, 0, state.cursor
  while #entries < LIMIT and bytes < BYTES do
    local count = math.min(BITE, LIMIT - #entries)
    local bite = redis.call('XRANGE', STREAM, '(' .. at, state.last, 'COUNT', count)
    for _, entry in ipairs(bite) do
      entries[#entries + 1] = entry
      at = entry[1]
      for _, part in ipairs(entry[2]) do
        bytes = bytes + #part
      end
    end
    if #bite < count or at == state.last then
      return entries, state.last
    end
  end
  return entries, at
end

-- read_pending does the same for the pending lists: message ID → idle time.
local function read_pending(last)
  local idle = {}
  local list = redis.call('XPENDING', STREAM, GROUP, '(' .. state.cursor, last, LIMIT + 1)
  for i, pending in ipairs(list) do
    if i > LIMIT then
      return idle, list[LIMIT][1]
    end
    idle[pending[1]] = pending[3]
  end
  return idle, last
end

local function push_round(id, entry, idle)
  local record = records[id]
  if record and record.settled ~= OPEN then
    redis.call('ZADD', DUE, 'NX', record.retry, id)
    return
  end
  local payload, problem = payload_of(entry)
  if not payload then
    quarantine(id, entry, record, problem)
    return
  end
  local age = record and NOW - record.since or idle or NOW - tonumber(string.match(id, '^%d+'))
  push(round, id, payload, record, age)
end

local function lose_trimmed(idle, seen, upto)
  for id in pairs(idle) do
    if not seen[id] and not is_after(id, upto) then
      lose(id, record_of(id) or { token = '0', taker = '', failures = 0, crashes = 0 })
    end
  end
end

local function sweep_round()
  local entries, entries_upto = read_entries()
  local idle, upto = read_pending(entries_upto)
  local ids, seen = {}, {}
  for _, entry in ipairs(entries) do
    if not is_after(entry[1], upto) then
      ids[#ids + 1] = entry[1]
      seen[entry[1]] = true
    end
  end
  load_records(ids)
  for i, id in ipairs(ids) do
    push_round(id, entries[i][2], idle[id])
  end
  lose_trimmed(idle, seen, upto)
  state.passed, state.cursor = state.passed + #ids, upto
  if PACE > 0 then
    state.ready = NOW + math.ceil(#ids * 1000 / PACE)
  end
  if not is_after(state.last, upto) then
    state.size, state.cursor = state.passed, ''
  end
end

sweep_due()
if next_in() == 0 then
  if state.cursor == '' then
    begin_round()
  end
  sweep_round()
  walk(WALK)
  redis.call('HSET', SWEEP, 'number', state.number, 'size', state.size, 'cursor', state.cursor,
    'last', state.last, 'passed', state.passed, 'started', state.started, 'ready', state.ready)
end
write_records()
write_tallies()
return { due, round, more, state.number, state.size, next_in() }
