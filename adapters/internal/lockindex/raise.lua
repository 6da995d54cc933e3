#!lua
-- Writes tokens back that were drawn on a quorum: no token that is drawn here
-- from now on is as low.
--
-- KEYS: those of entry.lua, then
--   KEYS[6] token counter (string)
-- ARGV: ttl in microseconds, incarnation, member ID, and for each lock
--   grant, token, name, message ID
-- Reply: for each lock {'raised'}. Where the lock is not held nothing else is
-- noted. Refused when the server is out of memory: it takes.

local PER_LOCK, FIRST = 4, 4
local ttl, incarnation, id = tonumber(ARGV[1]), ARGV[2], ARGV[3]

local counter = tonumber(redis.call('GET', KEYS[6]) or '') or 0
local replies = {}
for i = FIRST, #ARGV, PER_LOCK do
  counter = math.max(counter, tonumber(ARGV[i + 1]))
  record({ grant = ARGV[i], token = ARGV[i + 1], message = ARGV[i + 3],
    incarnation = incarnation, id = id, name = ARGV[i + 2] }, ttl)
  replies[#replies + 1] = { 'raised' }
end
redis.call('SET', KEYS[6], text(counter))
return replies
