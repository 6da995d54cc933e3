#!lua flags=no-writes
-- What the quarantine says of some assignments.
--
-- ARGV 3: 1 if the payload is wanted; it is answered anyhow when the name
--   stands nowhere else
-- ARGV 4…: message IDs
-- Reply: for each that is there: message ID, the evidence (JSON), bytes of the
--   payload that were kept, payload or ''
local WANTED = ARGV[3] == '1'

local ids = {}
for i = 4, #ARGV do
  ids[#ids + 1] = ARGV[i]
end
local reply = {}
for i, value in ipairs(redis.call('HMGET', QUARANTINE, unpack(ids))) do
  local ended = value and string.find(value, '\n', 1, true)
  if ended then
    local evidence, payload = string.sub(value, 1, ended - 1), string.sub(value, ended + 1)
    reply[#reply + 1] = ids[i]
    reply[#reply + 1] = evidence
    reply[#reply + 1] = string.format('%.0f', #payload)
    reply[#reply + 1] = (WANTED or not string.find(evidence, '"name":', 1, true)) and payload or ''
  end
end
return reply
