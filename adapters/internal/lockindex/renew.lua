#!lua flags=allow-oom
-- Moves the deadlines of leases whose locks are about to be extended; none is
-- ever made or brought back.
--
-- KEYS: those of entry.lua
-- ARGV: ttl in microseconds, and each grant
-- Reply: for each grant {name, milliseconds from now until the deadline}, or {}
--   when it is not known, has no token or its lock is not held here. A later
--   deadline is never shortened. Numbers are decimal text.

local ttl = tonumber(ARGV[1])
local replies, deadlines = {}, {}
for i = 2, #ARGV do
  local known, reply = entry(ARGV[i]), {}
  if known and known.token ~= NO_TOKEN and locked(known.name) == known.grant then
    local deadline = math.max(tonumber(redis.call('ZSCORE', KEYS[3], known.grant) or 0), now + ttl)
    deadlines[#deadlines + 1], deadlines[#deadlines + 2] = text(deadline), known.grant
    -- An operator or an eviction may have removed it.
    redis.call('HSETNX', KEYS[2], known.name, known.grant)
    reply = { known.name, text(math.ceil((deadline - now) / 1000)) }
  end
  replies[#replies + 1] = reply
end
if #deadlines > 0 then
  redis.call('ZADD', KEYS[3], unpack(deadlines))
end
return replies
