-- Shared by the scripts of the index, which all begin with the keys
--   KEYS[1] grants (hash: grant -> "token #message #incarnation #id message incarnation id name")
--   KEYS[2] names (hash: name -> the grant that leased it last)
--   KEYS[3] deadlines (sorted set: grants that have a token by deadline in microseconds)
--   KEYS[4] openings (sorted set: grants that have none yet by deadline)
--   KEYS[5] prefix of the locks (prefix .. name is the library's key, in the same slot)
--
-- The lock is the lease; an entry only describes it. So an entry with a token
-- is written only while the lock has the grant for its value, and what a script
-- relies on of the library is this alone: as long as a lock is held its key is
-- a string with the value that the library was given, and it expires with the
-- lock.

local NO_TOKEN = '0'

-- locked answers the value of the name's lock, or false.
local function locked(name)
  return redis.call('GET', KEYS[5] .. name)
end

-- locked_for answers in how many microseconds the name's lock is held no more:
-- a key with a PTTL of 0 still holds for the rest of the millisecond.
local function locked_for(name)
  return (math.max(redis.call('PTTL', KEYS[5] .. name), 0) + 1) * 1000
end

-- entry answers what is known of a grant, or nil.
local function entry(grant)
  local stored = redis.call('HGET', KEYS[1], grant) or ''
  local token, message, incarnation, id, rest = string.match(stored, '^(%d+) (%d+) (%d+) (%d+) (.*)$')
  if not token then
    return nil
  end
  local at = 1
  local function cut(length)
    local piece = string.sub(rest, at, at + tonumber(length) - 1)
    at = at + tonumber(length)
    return piece
  end
  local known = { grant = grant, token = token }
  known.message = cut(message)
  known.incarnation = cut(incarnation)
  known.id = cut(id)
  known.name = string.sub(rest, at)
  return known
end

-- save writes an entry. Not string.format: its %s ends at the first NUL.
local function save(known)
  redis.call('HSET', KEYS[1], known.grant, known.token .. ' ' .. #known.message .. ' ' .. #known.incarnation
    .. ' ' .. #known.id .. ' ' .. known.message .. known.incarnation .. known.id .. known.name)
end

local function drop(known)
  redis.call('HDEL', KEYS[1], known.grant)
  redis.call('ZREM', KEYS[3], known.grant)
  redis.call('ZREM', KEYS[4], known.grant)
  if redis.call('HGET', KEYS[2], known.name) == known.grant then
    redis.call('HDEL', KEYS[2], known.name)
  end
end

-- record writes the entry of a lock that is held, and drops the entry of the
-- lease before it. It answers whether the lock is held.
local function record(known, ttl)
  if locked(known.name) ~= known.grant then
    return false
  end
  local before = redis.call('HGET', KEYS[2], known.name)
  if before and before ~= known.grant then
    drop(entry(before) or { grant = before, name = known.name })
  end
  save(known)
  redis.call('HSET', KEYS[2], known.name, known.grant)
  redis.call('ZADD', KEYS[3], text(now + ttl), known.grant)
  redis.call('ZREM', KEYS[4], known.grant)
  return true
end

local function left(name)
  return text(math.max(redis.call('PTTL', KEYS[5] .. name), 0) * 1000)
end

-- holder answers {value of the lock, microseconds left}, and if the value has
-- an entry its token, message ID, incarnation and member ID; {} of a name that
-- is not locked.
local function holder(name)
  local value = locked(name)
  if not value then
    return {}
  end
  local known = entry(value)
  if not known or known.name ~= name then
    return { value, left(name) }
  end
  return { value, left(name), known.token, known.message, known.incarnation, known.id }
end
