#!lua flags=allow-oom
-- Pages through what is pending for a consumer and not settled, in the order of
-- announcement. While what is taken is being put back into the pending lists,
-- it answers only that: restore first.
--
-- ARGV 3: consumer (an incarnation)
-- ARGV 4: message ID after which the page begins, or empty
-- ARGV 5: how many at most
-- ARGV 6: bytes of payload that are enough
-- Reply: {'restoring'}, or {'page', change number and count of the tally,
--   message ID where the next page begins or empty, then for each delivery
--   message ID, payload, token or '0', 1 if this incarnation took it}
local CONSUMER, AFTER, LIMIT, BYTES = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])

required_group()
if redis.call('HEXISTS', SWEEP, 'restoring') == 1 then
  return { 'restoring' }
end

local from = AFTER == '' and '-' or '(' .. AFTER
local pending = redis.call('XPENDING', STREAM, GROUP, from, '+', LIMIT, CONSUMER)
local ids = {}
for i, delivery in ipairs(pending) do
  ids[i] = delivery[1]
end
load_records(ids)

local tally = tally_of(CONSUMER)
local reply = { 'page', tally.change, tally.count, '' }
if #ids == LIMIT then
  reply[4] = ids[#ids]
end
local bytes = 0
for _, id in ipairs(ids) do
  local record = records[id]
  local entry = not (record and record.settled ~= OPEN) and entry_of(id)
  local payload = entry and payload_of(entry)
  if payload then
    reply[#reply + 1] = id
    reply[#reply + 1] = payload
    reply[#reply + 1] = record and record.token or '0'
    reply[#reply + 1] = record and record.taker == CONSUMER and 1 or 0
    bytes = bytes + #payload
  end
  if bytes >= BYTES and id ~= ids[#ids] then
    reply[4] = id
    break
  end
end
return reply
