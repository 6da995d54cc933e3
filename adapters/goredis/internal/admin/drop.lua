#!lua flags=allow-oom
-- Removes assignments from the quarantine for good, with their checkpoints.
--
-- ARGV 3…: for each message ID and name, or ''
-- Reply: for each '1' if it was there, else '0'
local reply = {}
for i = 3, #ARGV, 2 do
  local id, name = ARGV[i], ARGV[i + 1]
  reply[#reply + 1] = tostring(redis.call('HDEL', QUARANTINE, id))
  redis.call('ZREM', QUARANTINE_ORDER, id)
  if name ~= '' then
    redis.call('DEL', KEYS[11] .. name .. ':' .. id)
  end
end
return reply
