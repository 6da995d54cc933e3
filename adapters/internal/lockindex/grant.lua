#!lua flags=no-writes
-- Says what a grant holds or left behind.
--
-- KEYS: those of entry.lua
-- ARGV: grant
-- Reply:
--   {}                                   not known, or nothing is left of it
--   {'live', name, token, message ID}    its lock is held; token '0': none yet
--   {'opened'}                           it was opened and has no lock (yet)
--   {'expired', name, token, message ID} it lost its lock, and nobody has taken
--                                        the name since

local known = entry(ARGV[1])
if not known then
  return {}
end
local value = locked(known.name)
if value == known.grant then
  return { 'live', known.name, known.token, known.message }
end
if known.token == NO_TOKEN then
  return { 'opened' }
end
if value or redis.call('HGET', KEYS[2], known.name) ~= known.grant then
  return {}
end
return { 'expired', known.name, known.token, known.message }
