#!lua flags=no-writes
-- Tells which leases are the very ones that the index describes.
--
-- KEYS: those of entry.lua
-- ARGV: for each lease grant, token, name
-- Reply: for each lease {'1'} or {'0'}

local PER_LEASE = 3

local replies = {}
for i = 1, #ARGV, PER_LEASE do
  local known = entry(ARGV[i])
  local same = known and known.token == ARGV[i + 1] and known.name == ARGV[i + 2]
  replies[#replies + 1] = { same and '1' or '0' }
end
return replies
