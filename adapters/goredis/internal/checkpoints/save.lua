#!lua
-- Keeps positions, unless a higher token was seen, or a later Save of the same.
--
-- KEYS: that of checkpoint.lua
-- ARGV: for each request ref, token, number, position
-- Reply: for each request {'saved'}, {'done'}, {'disowned', token} or
-- {'error', message}

local PER_REQUEST = 4

local function save(key, token, number, position)
  local refusal, known = enter(key, token)
  if refusal == 'disowned' then
    return { refusal, known.token }
  elseif refusal == 'done' then
    return { refusal }
  elseif refusal then
    return { 'error', refusal }
  end
  if isLower(known.number, number) then
    known.number, known.position = number, position
    redis.call('SET', key, text(known))
  end
  return { 'saved' }
end

local replies = {}
for i = 1, #ARGV, PER_REQUEST do
  replies[#replies + 1] = save(KEYS[1] .. ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
end
return replies
