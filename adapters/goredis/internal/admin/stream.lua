#!lua flags=no-writes
-- What is known of one assignment beyond what streams.lua says.
--
-- ARGV 3: message ID
-- ARGV 4: name
-- Reply: {} when it is not there, else {payload or '', endings or '', the
--   consumer that it is pending for or '', milliseconds since that was
--   delivered, checkpoint or ''}
local ID, NAME = ARGV[3], ARGV[4]

local entry = entry_of(ID)
if not entry then
  return {}
end
local pending = group_state() and redis.call('XPENDING', STREAM, GROUP, ID, ID, 1)[1]
local checkpoint = redis.pcall('GET', KEYS[11] .. NAME .. ':' .. ID)
return {
  payload_of(entry) or '', redis.call('HGET', ENDINGS, ID) or '',
  pending and pending[2] or '', pending and string.format('%.0f', pending[3]) or '0',
  type(checkpoint) == 'string' and checkpoint or '',
}
