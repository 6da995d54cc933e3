#!lua flags=no-writes
-- Says who holds names.
--
-- KEYS: those of entry.lua
-- ARGV: names
-- Reply: for each name what holder of entry.lua answers.

local replies = {}
for i, name in ipairs(ARGV) do
  replies[i] = holder(name)
end
return replies
