#!lua flags=no-writes
-- Tells which leases are the very ones that the index describes.
--
-- KEYS: those of entry.lua
-- ARGV: for each lease grant, token, name
-- Reply: for each lease
--   {'live'}
--   {'expired'}   its lock is held no more, by its deadline
--   {'released'}  its lock is held no more before its deadline: another Release
--                 of it is under way, or has ended half-way
--   {'gone'}      it is not the one that is described here

local PER_LEASE = 3

local function phase(grant, token, name)
  local known = entry(grant)
  local undescribed = not known or known.token == NO_TOKEN
  if known and known.name ~= name or not undescribed and known.token ~= token then
    return 'gone'
  elseif locked(name) == grant then
    -- Also where a quorum has noted no token: those of its servers that hold
    -- the lock, and those that have heard of the token, may be different ones.
    return 'live'
  elseif undescribed and token ~= NO_TOKEN then
    return 'gone'
  elseif known and tonumber(redis.call('ZSCORE', KEYS[3], grant) or 0) > now then
    return 'released'
  end
  return known and 'expired' or 'gone'
end

local replies = {}
for i = 1, #ARGV, PER_LEASE do
  replies[#replies + 1] = { phase(ARGV[i], ARGV[i + 1], ARGV[i + 2]) }
end
return replies
