-- One write to a resource that fences: it remembers the highest token that it
-- saw for each data stream, and refuses whoever comes with a lower one. A
-- tenure's last effect may be written again, when the reply was lost.
--
-- KEYS[1] hash: name → highest token
-- KEYS[2] hash: ref → how many effects were accepted
-- KEYS[3] hash: ref and token → how many effects of that tenure were refused
-- KEYS[4] hash: ref → how many tenures finished it
-- KEYS[5] set: the refs and tokens of those tenures
-- ARGV[1] name
-- ARGV[2] ref
-- ARGV[3] token
-- ARGV[4] 'finish', if the effect finishes the stream
-- Reply: 1 if the effect was accepted, else 0
local NAME, REF, TOKEN = ARGV[1], ARGV[2], ARGV[3]
local TENURE = REF .. ' ' .. TOKEN

-- Tokens stay text: numbers over 2^53 are not exact in Lua.
local function exceeds(a, b)
  return #a > #b or (#a == #b and a > b)
end

if exceeds(redis.call('HGET', KEYS[1], NAME) or '0', TOKEN) then
  redis.call('HINCRBY', KEYS[3], TENURE, 1)
  return 0
end
redis.call('HSET', KEYS[1], NAME, TOKEN)
redis.call('HINCRBY', KEYS[2], REF, 1)
if ARGV[4] == 'finish' and redis.call('SADD', KEYS[5], TENURE) == 1 then
  redis.call('HINCRBY', KEYS[4], REF, 1)
end
return 1
