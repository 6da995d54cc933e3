#!lua flags=allow-oom
-- Finds sessions that have expired; those in which nothing is left are
-- forgotten on the way.
--
-- KEYS[1] sessions (sorted set: grant by deadline in microseconds)
-- KEYS[2] session states (hash by grant)
-- KEYS[3] prefix of the session sets (prefix .. grant, a sorted set in the same slot)
-- ARGV[1] deadline after which to look: where the last look ended, or ''
-- ARGV[2] most sessions to look at
-- Reply: {where this look ended, microseconds until the next deadline or '',
--   '1' when there are more that have expired or '', then for each grant that
--   left something behind: grant, microseconds since it expired}
-- Numbers are decimal text.

local limit = tonumber(ARGV[2])

-- When the clock was set back, what expires now may lie before the last look.
local from = '-inf'
if ARGV[1] ~= '' and tonumber(ARGV[1]) <= now then
  from = '(' .. ARGV[1]
end
local found = redis.call('ZRANGE', KEYS[1], from, text(now), 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')

local reply = { text(now), '', '' }
if #found == 2 * limit then
  reply[1], reply[3] = text(tonumber(found[#found])), '1'
end
for i = 1, #found, 2 do
  local grant = found[i]
  if redis.call('ZCARD', KEYS[3] .. grant) > 0 then
    reply[#reply + 1], reply[#reply + 2] = grant, since(found[i + 1])
  else
    redis.call('ZREM', KEYS[1], grant)
    redis.call('HDEL', KEYS[2], grant)
  end
end

local next = redis.call('ZRANGE', KEYS[1], '(' .. text(now), '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
if #next > 0 then
  reply[2] = text(tonumber(next[2]) - now)
end
return reply
