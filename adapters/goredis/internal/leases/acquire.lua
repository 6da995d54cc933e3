#!lua
-- Acquires leases, all in one step.
--
-- KEYS: those of session.lua, then
--   KEYS[5] token counter (string)
-- ARGV: ttl in microseconds, incarnation, member ID, and for each request
--   grant, 'open' or '', floor, name, message ID
-- Reply: for each request one of
--   {'acquired', token, change, count}
--   {'held', change, count, grant, token, message ID, incarnation, member ID, microseconds left}
--   {'expired'}    the grant is not known, has expired or is damaged
--   {'exhausted'}  no token above the floor can be written exactly
-- Numbers are decimal text. Refused when the server is out of memory: it takes.

local PER_REQUEST, FIRST = 5, 4
local LARGEST_TOKEN = 9007199254740991
local ttl, incarnation, id = tonumber(ARGV[1]), ARGV[2], ARGV[3]

local counter = tonumber(redis.call('GET', KEYS[5]) or '') or 0
local counterBefore = counter
local touched, taken = {}, {}

local function touch(known)
  if not known.touched then
    known.touched, known.added = true, {}
    touched[#touched + 1] = known
  end
end

-- open makes a session. What is left of one that was removed from outside is
-- no new session.
local function open(known)
  if redis.call('ZCARD', known.set) > 0 or redis.call('HEXISTS', KEYS[2], known.grant) == 1 then
    return
  end
  redis.call('HSETNX', KEYS[3], '', text(now))
  known.epoch = redis.call('HGET', KEYS[3], '')
  known.member = incarnation .. ' ' .. id
  known.deadline, known.whole = now + ttl, true
  touch(known)
end

local function drawToken(floor)
  local token = math.max(counter + 1, now, floor + 1)
  if token > LARGEST_TOKEN then
    return nil
  end
  counter = token
  return text(token)
end

local function acquire(known, name, message, floor, current)
  local grant, token, leased = parse(current)
  if grant then
    local other = session(grant)
    if lives(other) then
      touch(known)
      return { 'held', text(known.change), text(known.count), holder(other, token, leased) }
    end
    if remove(other, name) then
      saveState(other)
    end
  end
  local drawn = drawToken(floor)
  if not drawn then
    return { 'exhausted' }
  end
  touch(known)
  known.change, known.count = known.change + 1, known.count + 1
  local value = known.grant .. ' ' .. drawn .. ' ' .. message
  taken[#taken + 1], taken[#taken + 2] = name, value
  local added = known.added
  added[#added + 1], added[#added + 2] = drawn, name
  return { 'acquired', drawn, text(known.change), text(known.count) }, value
end

local names = {}
for i = FIRST, #ARGV, PER_REQUEST do
  names[#names + 1] = ARGV[i + 3]
end
local leases = {}
for i, lease in ipairs(redis.call('HMGET', KEYS[3], unpack(names))) do
  leases[names[i]] = lease
end

local replies = {}
for i = FIRST, #ARGV, PER_REQUEST do
  local known, name = session(ARGV[i]), ARGV[i + 3]
  if ARGV[i + 1] == 'open' and not known.deadline then
    open(known)
  end
  local reply, value = { 'expired' }, nil
  if lives(known) and isWhole(known) then
    reply, value = acquire(known, name, ARGV[i + 4], tonumber(ARGV[i + 2]), leases[name])
  end
  leases[name] = value or leases[name]
  replies[#replies + 1] = reply
end

if #taken > 0 then
  redis.call('HSET', KEYS[3], unpack(taken))
end
for _, known in ipairs(touched) do
  if #known.added > 0 then
    redis.call('ZADD', known.set, unpack(known.added))
  end
  redis.call('ZADD', KEYS[1], text(math.max(known.deadline, now + ttl)), known.grant)
  saveState(known)
end
if counter ~= counterBefore then
  redis.call('SET', KEYS[5], text(counter))
end
return replies
