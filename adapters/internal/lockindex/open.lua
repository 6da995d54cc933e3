#!lua
-- Notes which grants are about to lock which names, before they do: a lock
-- whose reply is lost is found by that.
--
-- KEYS: those of entry.lua
-- ARGV: ttl in microseconds, incarnation, member ID, and for each request
--   grant, 'open' or '', name, message ID
-- Reply: for each request
--   {'opened'}
--   {'held'}     the grant has a lease on this name already
--   {'another'}  the grant has a lease on another name
--   {'expired'}  the grant is over, or not known and not to be opened
-- Refused when the server is out of memory: it takes.

local PER_REQUEST, FIRST = 4, 4
local COLLECTED_EACH_TIME = 10
local ttl, incarnation, id = tonumber(ARGV[1]), ARGV[2], ARGV[3]

-- Openings that led nowhere, and whose members could not say so, are collected
-- by those who come later.
for _, grant in ipairs(redis.call('ZRANGE', KEYS[4], '-inf', text(now), 'BYSCORE', 'LIMIT', 0, COLLECTED_EACH_TIME)) do
  local known = entry(grant)
  if not known then
    redis.call('ZREM', KEYS[4], grant)
  elseif locked(known.name) == grant then
    redis.call('ZADD', KEYS[4], text(now + locked_for(known.name)), grant)
  else
    drop(known)
  end
end

local function open(grant, asked, name, message)
  local known = entry(grant)
  if known then
    if locked(known.name) ~= grant then
      return 'expired'
    end
    return known.name == name and 'held' or 'another'
  end
  if asked ~= 'open' then
    return 'expired'
  end
  save({ grant = grant, token = NO_TOKEN, message = message, incarnation = incarnation, id = id, name = name })
  redis.call('ZADD', KEYS[4], text(now + ttl), grant)
  return 'opened'
end

local replies = {}
for i = FIRST, #ARGV, PER_REQUEST do
  replies[#replies + 1] = { open(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]) }
end
return replies
