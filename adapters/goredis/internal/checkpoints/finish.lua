#!lua flags=allow-oom
-- Closes checkpoints; Redis forgets them by itself.
--
-- KEYS: that of checkpoint.lua
-- ARGV: milliseconds to keep them for, and for each request ref, token
-- Reply: for each request {'finished'}, {'disowned', token} or
-- {'error', message}

local PER_REQUEST = 2

local function finish(key, token)
  local known, failure = find(key)
  if failure then
    return { 'error', failure }
  end
  if not known or closedTo(known, token) then
    return { 'finished' }
  end
  local refusal
  refusal, known = enter(key, token)
  if refusal then
    return { refusal, known.token }
  end
  known.state = CLOSED
  redis.call('SET', key, text(known), 'PX', ARGV[1])
  return { 'finished' }
end

local replies = {}
for i = 2, #ARGV, PER_REQUEST do
  replies[#replies + 1] = finish(KEYS[1] .. ARGV[i], ARGV[i + 1])
end
return replies
