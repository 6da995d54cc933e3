#!lua flags=allow-oom
-- A page of what a grant holds or left behind, in the order of the tokens.
-- Names in the set of an expired session whose lease was removed from outside
-- are taken out of it: nobody else comes by them, and the set would stay.
--
-- KEYS: those of session.lua
-- ARGV: grant, token after which the page begins or '', most leases of a page,
--   bytes of names after which a page ends
-- Reply: {} when the grant is not known, else
--   {'live' or 'expired', change, count, token after which the next page begins
--    or '', then for each lease: name, token, message ID}
-- Numbers are decimal text.

local known, limit, mostBytes = session(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
if not known.deadline and redis.call('ZCARD', known.set) == 0 then
  return {}
end

local from = '-inf'
if ARGV[2] ~= '' then
  from = '(' .. ARGV[2]
end
local found = redis.call('ZRANGE', known.set, from, '+inf', 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
local state = 'expired'
if lives(known) and isWhole(known) then
  state = 'live'
end
local reply = { state, text(known.change), text(known.count), '' }

local bytes, last = 0, #found - 1
for i = 1, last, 2 do
  local name, token = found[i], text(tonumber(found[i + 1]))
  local grant, current, message = parse(redis.call('HGET', KEYS[3], name))
  if grant == known.grant and current == token then
    reply[#reply + 1], reply[#reply + 2], reply[#reply + 3] = name, token, message
    bytes = bytes + #name
  elseif not lives(known) and remove(known, name) then
    saveState(known)
  end
  if (i < last and bytes >= mostBytes) or (i == last and #found == 2 * limit) then
    reply[4] = token
    break
  end
end
return reply
