#!lua flags=allow-oom
-- Extends grants; none is ever made or brought back.
--
-- KEYS: those of session.lua
-- ARGV: ttl in microseconds, and each grant
-- Reply: for each grant {change, count}, or {} when it is not known, has
-- expired or is damaged. Numbers are decimal text.

local ttl = tonumber(ARGV[1])
local replies = {}
for i = 2, #ARGV do
  local known, reply = session(ARGV[i]), {}
  if lives(known) and isWhole(known) then
    redis.call('ZADD', KEYS[1], text(math.max(known.deadline, now + ttl)), known.grant)
    reply = { text(known.change), text(known.count) }
  end
  replies[#replies + 1] = reply
end
return replies
