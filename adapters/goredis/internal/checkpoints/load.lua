#!lua flags=allow-oom
-- Answers positions and raises the remembered tokens.
--
-- KEYS: that of checkpoint.lua
-- ARGV: for each request ref, token
-- Reply: for each request {'position', position}, {'done'}, {'disowned', token}
-- or {'error', message}

local PER_REQUEST = 2

local function load(key, token)
  local refusal, known = enter(key, token)
  if refusal == 'disowned' then
    return { refusal, known.token }
  elseif refusal == 'done' then
    return { refusal }
  elseif refusal then
    return { 'error', refusal }
  end
  if known.isChanged then
    redis.call('SET', key, text(known))
  end
  return { 'position', known.position }
end

local replies = {}
for i = 1, #ARGV, PER_REQUEST do
  replies[#replies + 1] = load(KEYS[1] .. ARGV[i], ARGV[i + 1])
end
return replies
