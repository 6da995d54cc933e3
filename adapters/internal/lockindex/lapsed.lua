#!lua flags=no-writes
-- Tells which of the names whose locks went away are still nobody's.
--
-- KEYS: those of entry.lua
-- ARGV: names
-- Reply: for each name that is not locked and has an entry: name, message ID

local reply = {}
for _, name in ipairs(ARGV) do
  local grant = redis.call('HGET', KEYS[2], name)
  local known = grant and entry(grant)
  if known and known.message ~= '' and not locked(name) then
    reply[#reply + 1], reply[#reply + 2] = name, known.message
  end
end
return reply
