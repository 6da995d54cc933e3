#!lua
-- Draws tokens for locks that were just obtained.
--
-- KEYS: those of entry.lua, then
--   KEYS[6] token counter (string)
-- ARGV: ttl in microseconds, incarnation, member ID, 'note' to note the tokens
--   in the entries or '' (on a quorum only the token that is written back
--   counts), and for each lock
--   grant, floor, name, message ID
-- Reply: for each lock
--   {'drawn', token}
--   {'exhausted'}  no token above the floor can be written exactly
-- Numbers are decimal text. Where the lock is not held a token is drawn all
-- the same, but nothing is noted. Refused when the server is out of memory: it
-- takes.

local PER_LOCK, FIRST = 4, 5
local LARGEST_TOKEN = 9007199254740991
local ttl, incarnation, id = tonumber(ARGV[1]), ARGV[2], ARGV[3]

local counter = tonumber(redis.call('GET', KEYS[6]) or '') or 0
local replies = {}
for i = FIRST, #ARGV, PER_LOCK do
  local token = math.max(counter + 1, now, tonumber(ARGV[i + 1]) + 1)
  local reply = { 'exhausted' }
  if token <= LARGEST_TOKEN then
    counter = token
    if ARGV[4] == 'note' then
      record({ grant = ARGV[i], token = text(token), message = ARGV[i + 3],
        incarnation = incarnation, id = id, name = ARGV[i + 2] }, ttl)
    end
    reply = { 'drawn', text(token) }
  end
  replies[#replies + 1] = reply
end
redis.call('SET', KEYS[6], text(counter))
return replies
