#!lua flags=allow-oom
-- Tries which commands this user may run, without an effect: the probe key is
-- a string while the others are tried, so those for another type change nothing.
--
-- KEYS: the probe key
-- ARGV: the text that stands for the probe key, then for each command the
--   number of its words and the words; the first two are DEL and SET of the key
-- Reply: {} or {command, error} of the first that is refused or unknown

-- Redis 7.0 says the first, 7.2 and Valkey the second.
local SIGNS = { "The user executing the script can't", 'ACL failure', 'Unknown Redis command' }

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
  for _, sign in ipairs(SIGNS) do
    if string.find(failure, sign, 1, true) then
      refused = { words[1], failure }
    end
  end
end
redis.pcall('DEL', KEYS[1])
return refused or {}
