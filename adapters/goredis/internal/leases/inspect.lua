#!lua flags=no-writes
-- Says who holds names.
--
-- KEYS: those of session.lua
-- ARGV: names
-- Reply: for each name {} when no live lease holds it, else
--   {grant, token, message ID, incarnation, member ID, microseconds left}

local replies = {}
for i, name in ipairs(ARGV) do
  local grant, token, message = parse(redis.call('HGET', KEYS[3], name))
  local reply = {}
  if grant then
    local known = session(grant)
    if lives(known) then
      reply = { holder(known, token, message) }
    end
  end
  replies[i] = reply
end
return replies
