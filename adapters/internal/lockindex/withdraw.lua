#!lua flags=allow-oom
-- Drops what was noted of grants that have no lock, and says who has the names.
--
-- KEYS: those of entry.lua
-- ARGV: for each grant
--   grant, name, 'opened' (an entry with a token stays) or 'any'
-- Reply: for each grant what holder of entry.lua answers of the name.

local PER_GRANT = 3

local replies = {}
for i = 1, #ARGV, PER_GRANT do
  local known = entry(ARGV[i])
  if known and locked(known.name) ~= known.grant and (known.token == NO_TOKEN or ARGV[i + 2] == 'any') then
    drop(known)
  end
  replies[#replies + 1] = holder(ARGV[i + 1])
end
return replies
