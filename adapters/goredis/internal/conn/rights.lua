#!lua flags=allow-oom
-- Tries which commands this user may run, without an effect: the probe key is
-- a string while the others are tried, so those for another type change nothing.
--
-- KEYS: the probe key
-- ARGV: the text that stands for the probe key, then for each command the
--   number of its words and the words; the first two are DEL and SET of the key
-- Reply: {} or {command, error} of the first that is refused or unknown

local refused
local at = 2
while at <= #ARGV and not refused do
  local words = {}
  for i = 1, tonumber(ARGV[at]) do
    local word = ARGV[at + i]
    if word == ARGV[1] then
      word = KEYS[1]
    end
    words[i] = word
  end
  at = at + 1 + #words
  local reply = redis.pcall(unpack(words))
  local failure = type(reply) == 'table' and reply.err or ''
  local forbidden = string.find(failure, 'ACL failure', 1, true) or string.find(failure, 'NOPERM', 1, true)
  if forbidden or string.find(failure, 'Unknown Redis command', 1, true) then
    refused = { words[1], failure }
  end
end
redis.pcall('DEL', KEYS[1])
return refused or {}
