-- The effect of one message on a resource that fences, and that keeps the number
-- of the last message beside what it did, so that a repetition has no effect.
--
-- KEYS[1] hash: token, the highest seen; last, the number of the last message;
--         effects, how many there were; refused and gaps, how many there were
-- KEYS[2] hash: token -> how many messages that tenure repeated
-- ARGV[1] token
-- ARGV[2] number of the message, from 1
-- Reply: effect, repeated, refused or gap
local TOKEN, NUMBER = ARGV[1], tonumber(ARGV[2])

-- Tokens stay text: numbers over 2^53 are not exact in Lua.
local function exceeds(a, b)
  return #a > #b or (#a == #b and a > b)
end

if exceeds(redis.call('HGET', KEYS[1], 'token') or '0', TOKEN) then
  redis.call('HINCRBY', KEYS[1], 'refused', 1)
  return 'refused'
end
redis.call('HSET', KEYS[1], 'token', TOKEN)
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '0')
local expected = tonumber(redis.call('HGET', KEYS[2], 'next of ' .. TOKEN) or NUMBER)
redis.call('HSET', KEYS[2], 'next of ' .. TOKEN, NUMBER + 1)
if NUMBER > last + 1 or NUMBER ~= expected then
  redis.call('HINCRBY', KEYS[1], 'gaps', 1)
  return 'gap'
end
if NUMBER <= last then
  redis.call('HINCRBY', KEYS[2], 'repeated by ' .. TOKEN, 1)
  return 'repeated'
end
redis.call('HSET', KEYS[1], 'last', NUMBER)
redis.call('HINCRBY', KEYS[1], 'effects', 1)
return 'effect'
