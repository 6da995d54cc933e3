-- Runs commands, one after the other.
--
-- KEYS     every key that a command names
-- ARGV     for each command the number of its words, then the words
--
-- Reply: one for each command; the error of the first that fails
local replies = {}
local at = 1
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  replies[#replies + 1] = redis.call(unpack(ARGV, at + 1, at + words))
  at = at + words + 1
end
return replies
