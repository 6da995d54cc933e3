#!lua flags=allow-oom
-- Finds leases that have expired. Grants that never got a token are forgotten
-- on the way.
--
-- KEYS: those of entry.lua
-- ARGV[1] deadline after which to look: where the last look ended, or ''
-- ARGV[2] most grants to look at, of those with a token and of those without
-- Reply: {where this look ended, microseconds until the next deadline or '',
--   '1' when there are more that have expired or '', then for each lease that
--   nobody has taken since: name, message ID, microseconds since it expired}
-- Numbers are decimal text.

local limit = tonumber(ARGV[2])
-- More than any batch of renewals, which gives all its leases one deadline.
local TOGETHER = 1000
local reply = { text(now), '', '' }

local function tell(known, deadline)
  if known.message ~= '' then
    reply[#reply + 1], reply[#reply + 2], reply[#reply + 3] = known.name, known.message, since(deadline)
  end
end

-- still_locked puts a grant off whose lock was extended a moment after its
-- deadline was moved.
local function still_locked(known, index)
  if locked(known.name) ~= known.grant then
    return false
  end
  redis.call('ZADD', index, text(now + locked_for(known.name)), known.grant)
  return true
end

local function due(index, from)
  return redis.call('ZRANGE', index, from, text(now), 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
end

-- with_their_like adds to a full page what has the last one's deadline: the next
-- look begins after it.
local function with_their_like(page, index)
  local last, seen = page[#page], {}
  for i = 1, #page, 2 do
    seen[page[i]] = true
  end
  for _, grant in ipairs(redis.call('ZRANGE', index, last, last, 'BYSCORE', 'LIMIT', 0, TOGETHER)) do
    if not seen[grant] then
      page[#page + 1], page[#page + 2] = grant, last
    end
  end
end

local opened = due(KEYS[4], '-inf')
for i = 1, #opened, 2 do
  local known = entry(opened[i])
  if not known then
    redis.call('ZREM', KEYS[4], opened[i])
  elseif not still_locked(known, KEYS[4]) then
    drop(known)
    if not locked(known.name) then
      tell(known, opened[i + 1])
    end
  end
end

-- When the clock was set back, what expires now may lie before the last look.
local from = '-inf'
if ARGV[1] ~= '' and tonumber(ARGV[1]) <= now then
  from = '(' .. ARGV[1]
end
local found = due(KEYS[3], from)
if #found == 2 * limit then
  reply[1], reply[3] = text(tonumber(found[#found])), '1'
  with_their_like(found, KEYS[3])
end
for i = 1, #found, 2 do
  local known = entry(found[i])
  if not known then
    redis.call('ZREM', KEYS[3], found[i])
  elseif not still_locked(known, KEYS[3]) then
    if redis.call('HGET', KEYS[2], known.name) ~= known.grant then
      drop(known)
    elseif not locked(known.name) then
      tell(known, found[i + 1])
    end
  end
end
if #opened == 2 * limit then
  reply[3] = '1'
end

for _, index in ipairs({ KEYS[3], KEYS[4] }) do
  local next = redis.call('ZRANGE', index, '(' .. text(now), '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  if #next > 0 then
    local left = tonumber(next[2]) - now
    if reply[2] == '' or left < tonumber(reply[2]) then
      reply[2] = text(left)
    end
  end
end
return reply
