-- Shared by the scripts of the lease store, which all begin with the keys
--   KEYS[1] sessions (sorted set: grant by deadline in microseconds)
--   KEYS[2] session states (hash: grant -> "change count epoch incarnation id")
--   KEYS[3] leases (hash: name -> "grant token message-id"; '' -> epoch)
--   KEYS[4] prefix of the session sets (prefix .. grant is a sorted set: name by token)
-- A set is in the slot of its prefix. Its key is made here, because only the
-- script learns in whose set a name is.
--
-- The count in a session's state and the epoch of the leases tell that a key
-- was removed from outside (evicted, deleted). A session that is damaged so is
-- never extended again, but what it still has is its own until its deadline.

local sessions = {}

-- session answers what is known of a grant: deadline (nil: not known), change,
-- count, epoch, member (nil: damaged) as "incarnation id".
local function session(grant)
  local known = sessions[grant]
  if known then
    return known
  end
  known = { grant = grant, set = KEYS[4] .. grant, change = 0, count = 0 }
  local deadline = redis.call('ZSCORE', KEYS[1], grant)
  if deadline then
    known.deadline = tonumber(deadline)
    local state = redis.call('HGET', KEYS[2], grant) or ''
    local change, count, epoch, member = string.match(state, '^(%d+) (%d+) (%d+) (.*)$')
    if change then
      known.change, known.count = tonumber(change), tonumber(count)
      known.epoch, known.member = epoch, member
    end
  end
  sessions[grant] = known
  return known
end

local function lives(known)
  return known.deadline ~= nil and known.deadline > now
end

-- isWhole reports whether nobody removed anything of a session from outside.
local function isWhole(known)
  if known.whole == nil then
    known.whole = known.member ~= nil
      and redis.call('HGET', KEYS[3], '') == known.epoch
      and redis.call('ZCARD', known.set) == known.count
  end
  return known.whole
end

local function saveState(known)
  if known.member then
    redis.call('HSET', KEYS[2], known.grant,
      text(known.change) .. ' ' .. text(known.count) .. ' ' .. known.epoch .. ' ' .. known.member)
  end
end

-- forget removes a session in which nothing is left.
local function forget(known)
  redis.call('ZREM', KEYS[1], known.grant)
  redis.call('HDEL', KEYS[2], known.grant)
  known.deadline, known.member = nil, nil
end

-- remove takes a name out of a session's set; a session that has expired and
-- is empty then is forgotten. It answers whether the name was there.
local function remove(known, name)
  if redis.call('ZREM', known.set, name) == 0 then
    return false
  end
  known.change, known.count = known.change + 1, known.count - 1
  if not lives(known) and redis.call('ZCARD', known.set) == 0 then
    forget(known)
  end
  return true
end

-- parse answers grant, token and message ID of a lease; nil of anything else.
local function parse(lease)
  if lease then
    return string.match(lease, '^(%x+) (%d+) (.*)$')
  end
end

-- holder describes who has a lease in a live session, for a reply.
local function holder(known, token, message)
  local incarnation, id = string.match(known.member or '', '^(%S*) ?(.*)$')
  return known.grant, token, message, incarnation, id, text(known.deadline - now)
end
