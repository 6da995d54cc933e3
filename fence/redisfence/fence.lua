-- What follows guarded(KEYS, ARGV), the script that is to be fenced: it runs
-- only if the fence has seen no higher token, and in the same step.
--
-- KEYS[#KEYS]      the fence: the highest token
-- ARGV[#ARGV - 1]  the token
-- ARGV[#ARGV]      how many milliseconds the fence remembers it; 0: for ever
-- What stands before them is the script's own.
--
-- Reply: the script's, or the error FENCED and the highest token
local fence, token, keep = KEYS[#KEYS], ARGV[#ARGV - 1], ARGV[#ARGV]
KEYS[#KEYS] = nil
ARGV[#ARGV] = nil
ARGV[#ARGV] = nil

local highest = redis.call('GET', fence)
if highest then
  if not string.find(highest, '^[1-9]%d*$') then
    return redis.error_reply('ERR the fence holds what is no token; is the key used for something else?')
  end
  -- Tokens stay text: numbers over 2^53 are not exact in Lua.
  if #highest > #token or (#highest == #token and highest > token) then
    return redis.error_reply('FENCED ' .. highest)
  end
end
if keep == '0' then
  redis.call('SET', fence, token)
else
  redis.call('SET', fence, token, 'PX', keep)
end
return guarded(KEYS, ARGV)
