#!lua flags=no-writes
-- A page of what was announced and is not done, in the order of announcement.
--
-- ARGV 3: message ID after which the page begins, or empty
-- ARGV 4: how many at most
-- ARGV 5: bytes of entries that are enough
-- Reply: {message ID after which the next page begins or '', then for each:
--   message ID, milliseconds since it was announced, 1 if it was delivered,
--   payload ('' when there is a record), why there is none or '',
--   1 if there is a record, and if so token, taker or '', its member ID,
--   milliseconds since it was taken or given back, milliseconds to the retry
--   time, failures, crashes, 1 if a suspicion stands, how the tenure ended or
--   '-', name}
-- Numbers are decimal text.
local AFTER, LIMIT, BYTES = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
-- An entry may be large, and a bite is in memory as a whole.
local BITE = 16

local group = group_state()
local last = group and group.last or '0-0'
local reply = { '' }

local function push(...)
  for _, value in ipairs({ ... }) do
    reply[#reply + 1] = type(value) == 'number' and string.format('%.0f', value) or value
  end
end

local function push_record(record)
  local taker = record.taker == NOBODY and '' or record.taker
  push('1', record.token, taker, taker == '' and '' or tally_of(taker).id,
    math.max(NOW - record.since, 0), math.max(record.retry - NOW, 0),
    record.failures, record.crashes, record.suspect == NOBODY and '0' or '1',
    record.settled, record.name)
end

local function push_entry(id, entry)
  local record = records[id]
  local payload, problem = payload_of(entry)
  push(id, math.max(NOW - tonumber(string.match(id, '^%d+')), 0), is_after(id, last) and '0' or '1',
    record and '' or payload or '', problem or '')
  if record then
    push_record(record)
  else
    push('0')
  end
end

local function push_bite(entries)
  local ids, bytes = {}, 0
  for i, entry in ipairs(entries) do
    ids[i] = entry[1]
    for _, part in ipairs(entry[2]) do
      bytes = bytes + #part
    end
  end
  load_records(ids)
  for _, entry in ipairs(entries) do
    push_entry(entry[1], entry[2])
  end
  return bytes
end

local at, found, bytes = AFTER, 0, 0
while found < LIMIT and bytes < BYTES do
  local count = math.min(BITE, LIMIT - found)
  local entries = redis.call('XRANGE', STREAM, at == '' and '-' or '(' .. at, '+', 'COUNT', count)
  bytes = bytes + push_bite(entries)
  found = found + #entries
  if #entries < count then
    return reply
  end
  at = entries[#entries][1]
end
reply[1] = at
return reply
