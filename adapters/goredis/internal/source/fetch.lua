#!lua
-- Delivers undelivered assignments to a consumer, without waiting, in small
-- bites so that a flood of large entries does not fill the memory. An entry
-- that is too large or has the wrong fields goes into the quarantine at once.
-- One that was delivered before (it has a record; the group was made again)
-- goes back to its taker and is not answered.
--
-- ARGV 3: consumer (an incarnation)
-- ARGV 4: how many at most
-- ARGV 5: bytes of payload that are enough
-- ARGV 6: entries to look at that are enough
-- ARGV 7: bytes of an entry that are too many
-- ARGV 8…: message IDs that a waiting read has delivered already
-- Reply: how many are left, 1 when a bound ended the search early, then message
--   ID and payload of each assignment, in order
local CONSUMER, MOST, BYTES, LOOKS = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local ENTRY_BYTES = tonumber(ARGV[7])
-- An entry may have half a gigabyte, and a bite is in memory as a whole.
local BITE = 16

local reply = { 0, 0 }
local found, bytes, looked = 0, 0, 0

local function size_of(entry)
  local size = 0
  for _, part in ipairs(entry) do
    size = size + #part
  end
  return size
end

-- bad_shape says why an entry is no assignment, as far as that can be seen
-- without reading the payload, which is Go's work.
local function bad_shape(entry, size)
  if size > ENTRY_BYTES then
    return 'the entry has ' .. string.format('%.0f', size) .. ' bytes; the limit is ' .. ENTRY_BYTES
  end
  local _, problem = payload_of(entry)
  return problem
end

-- is_new reports whether no Fetch has answered the entry, and settles whose
-- list it is in if one has.
local function is_new(id, record)
  if not record then
    return true
  end
  if record.settled == OPEN then
    claim(record.taker, { id })
  end
  if record.delivered == '1' then
    return false
  end
  record.delivered = '1'
  change_record(id, record)
  if record.settled ~= OPEN then
    redis.call('ZADD', DUE, record.retry, id)
  end
  return true
end

local function hand_over(entries)
  local ids = {}
  for i, entry in ipairs(entries) do
    ids[i] = entry[1]
  end
  load_records(ids)
  for _, found_entry in ipairs(entries) do
    local id, entry = found_entry[1], found_entry[2]
    local size = size_of(entry)
    local problem = bad_shape(entry, size)
    looked, bytes = looked + 1, bytes + size
    if problem then
      quarantine(id, entry, records[id], problem)
    elseif is_new(id, records[id]) then
      reply[#reply + 1] = id
      reply[#reply + 1] = entry[2]
      found = found + 1
    end
  end
end

-- bite is small when entries are large, as far as those before them tell.
local function bite()
  if looked == 0 then
    return 1
  end
  local size = math.min(BITE, MOST - found, LOOKS - looked, math.ceil((BYTES - bytes) / (bytes / looked)))
  return math.max(size, 1)
end

local function read_group()
  local streams = redis.call('XREADGROUP', 'GROUP', GROUP, CONSUMER, 'COUNT', bite(), 'STREAMS', STREAM, '>')
  return streams and streams[1] and streams[1][2] or {}
end

required_group()
for i = 8, #ARGV do
  hand_over(redis.call('XRANGE', STREAM, ARGV[i], ARGV[i]))
end
while found < MOST do
  if bytes >= BYTES or looked >= LOOKS then
    reply[2] = 1
    break
  end
  local entries = read_group()
  if #entries == 0 then
    break
  end
  hand_over(entries)
end
write_records()
write_tallies()
reply[1] = left(group_state())
return reply
