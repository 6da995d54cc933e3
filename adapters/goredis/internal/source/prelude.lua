-- What every script of the source begins with. KEYS, and the first two
-- arguments, are the same for all of them.
local STREAM, RECORDS, ENDINGS, DUE, SWEEP = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local QUARANTINE, QUARANTINE_ORDER, QUARANTINE_STATE = KEYS[6], KEYS[7], KEYS[8]
local FLEET, LAYOUT = KEYS[9], KEYS[10]
local GROUP, FIELD = ARGV[1], ARGV[2]

-- The server's clock in milliseconds, rounded down. What is set to end later
-- starts at NOW + 1, so that nothing ends early.
local clock = redis.call('TIME')
local NOW = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- exceeds compares decimal numbers without leading zeros. They may be greater
-- than 2^53, from where on Lua's numbers are not exact.
local function exceeds(a, b)
  return #a > #b or (#a == #b and a > b)
end

-- exact is the number of a text that Lua holds without losing digits; nil of any
-- other, which is none of ours.
local function exact(text)
  local number = tonumber(text)
  if number and number >= 0 and number <= 9007199254740992 and number % 1 == 0 then
    return number
  end
  return nil
end

-- is_after compares message IDs. Those of our days have times of one length,
-- and then the order of the text is theirs.
local function is_after(a, b)
  if #a == #b and string.find(a, '-', 1, true) == string.find(b, '-', 1, true) then
    return a > b
  end
  local a_time, a_sequence = string.match(a, '^(%d+)-(%d+)$')
  local b_time, b_sequence = string.match(b, '^(%d+)-(%d+)$')
  if a_time ~= b_time then
    return exceeds(a_time, b_time)
  end
  return exceeds(a_sequence, b_sequence)
end

-- Neighbours are read ahead, as long as they turn out to be asked for: what is
-- asked for together was mostly announced together. Few, since an entry may be
-- large.
local AHEAD_AT_MOST = 16
local neighbours = {}
local ahead, unasked = 1, 0

-- entry_of reads one entry of the stream: its fields and values, or nil.
local function entry_of(id)
  local entry = neighbours[id]
  if entry then
    unasked = unasked - 1
    return entry
  end
  ahead = unasked == 0 and math.min(2 * ahead, AHEAD_AT_MOST) or 1
  neighbours = {}
  local found = redis.call('XRANGE', STREAM, id, '+', 'COUNT', ahead)
  for _, neighbour in ipairs(found) do
    neighbours[neighbour[1]] = neighbour[2]
  end
  unasked = #found - 1
  return neighbours[id]
end

-- delete_entry removes it from the stream and from the pending lists.
local function delete_entry(id)
  neighbours[id] = nil
  -- Without the group nothing is pending, and the answer is an error.
  redis.pcall('XACK', STREAM, GROUP, id)
  redis.call('XDEL', STREAM, id)
end

-- payload_of is the payload of an entry, or nil and why it has none.
local function payload_of(entry)
  if #entry == 2 and entry[1] == FIELD then
    return entry[2]
  end
  for i = 1, #entry, 2 do
    if entry[i] == FIELD then
      return nil, 'the entry has other fields besides ' .. FIELD
    end
  end
  return nil, 'the entry has no field ' .. FIELD
end

-- How the field of a member begins in the hash FLEET; the incarnation follows.
local MEMBER_PREFIX = 'member:'

-- A key of somebody else's making is a definite no, said before anything is
-- done: an error half-way would leave the outcome unknown.
for key, want in pairs({ [STREAM] = 'stream', [RECORDS] = 'hash' }) do
  local found = redis.call('TYPE', key).ok
  if found ~= want and found ~= 'none' then
    return redis.error_reply('WRONGTYPE the key ' .. key .. ' is a ' .. found .. ', not a ' .. want)
  end
end
