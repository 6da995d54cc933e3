#!lua flags=no-writes
-- Tells which of the names whose locks went away are still nobody's.
--
-- KEYS: those of entry.lua
-- ARGV: names
-- Reply: for each name that is not locked and has an entry: name, message ID,
--   microseconds since its deadline

local reply = {}
for _, name in ipairs(ARGV) do
  local grant = redis.call('HGET', KEYS[2], name)
  local known = grant and entry(grant)
  if known and known.message ~= '' and not locked(name) then
    local deadline = redis.call('ZSCORE', KEYS[3], grant) or now
    reply[#reply + 1], reply[#reply + 2], reply[#reply + 3] = name, known.message, since(deadline)
  end
end
return reply
