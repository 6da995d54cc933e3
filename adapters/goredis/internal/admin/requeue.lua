#!lua
-- Announces what is in the quarantine once more, and takes it out. It is a new
-- assignment, with a new message ID, and nothing is counted against it; the
-- position that was saved goes along.
--
-- ARGV 3: message ID
-- ARGV 4: name
-- Reply: {'requeued', new message ID}, {'gone'}, or {'cut'} when not the whole
--   payload was kept
local ID, NAME = ARGV[3], ARGV[4]

local value = redis.call('HGET', QUARANTINE, ID)
local ended = value and string.find(value, '\n', 1, true)
if not ended then
  return { 'gone' }
end
local payload = string.sub(value, ended + 1)
local decoded, evidence = pcall(cjson.decode, string.sub(value, 1, ended - 1))
if not decoded or type(evidence) ~= 'table' or tonumber(evidence.size) ~= #payload then
  return { 'cut' }
end
local id = redis.call('XADD', STREAM, '*', FIELD, payload)
local position = KEYS[11] .. NAME .. ':'
if redis.call('EXISTS', position .. ID) == 1 then
  redis.call('RENAME', position .. ID, position .. id)
end
redis.call('HDEL', QUARANTINE, ID)
redis.call('ZREM', QUARANTINE_ORDER, ID)
return { 'requeued', id }
