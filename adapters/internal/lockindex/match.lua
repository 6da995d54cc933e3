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

local replies = {}
for i = 1, #ARGV, PER_LEASE do
  local known, phase = entry(ARGV[i]), 'gone'
  if known and known.token == ARGV[i + 1] and known.name == ARGV[i + 2] then
    phase = 'released'
    if locked(known.name) == known.grant then
      phase = 'live'
    elseif tonumber(redis.call('ZSCORE', KEYS[3], known.grant) or 0) <= now then
      phase = 'expired'
    end
  end
  replies[#replies + 1] = { phase }
end
return replies
