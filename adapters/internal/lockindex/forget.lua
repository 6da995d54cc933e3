#!lua flags=allow-oom
-- Drops the entries of leases that were released. Only the very lease is
-- dropped: same grant, same token, same name.
--
-- KEYS: those of entry.lua
-- ARGV: for each lease grant, token, name
-- Reply: for each lease {'1'} when it was dropped, {'0'} when it is not known

local PER_LEASE = 3

local replies = {}
for i = 1, #ARGV, PER_LEASE do
  local known, dropped = entry(ARGV[i]), '0'
  if known and known.token == ARGV[i + 1] and known.name == ARGV[i + 2] then
    drop(known)
    dropped = '1'
  end
  replies[#replies + 1] = { dropped }
end
return replies
