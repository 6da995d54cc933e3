-- A walk over the hash RECORDS, a page at a time for ever: the one way to find
-- a record whose entry is in neither the stream nor a pending list. After the
-- group was made again a whole walk also puts what is taken back into its
-- takers' pending lists.
local function walk(count)
  local state = redis.call('HMGET', SWEEP, 'walk', 'restoring')
  local restoring = state[2] == '1'
  local page = redis.call('HSCAN', RECORDS, state[1] or '0', 'COUNT', count)
  local taken = {}
  for i = 1, #page[2], 2 do
    local field, value = page[2][i], page[2][i + 1]
    if string.find(field, TALLY_PREFIX, 1, true) == 1 then
      local incarnation = string.sub(field, #TALLY_PREFIX + 1)
      if tally_of(incarnation).count == 0
        and redis.call('HEXISTS', FLEET, MEMBER_PREFIX .. incarnation) == 0 then
        redis.call('HDEL', RECORDS, field)
      end
    elseif string.find(field, '^%d+%-%d+$') then
      -- The page has the record, unless this script has changed it.
      local record = records[field]
      if record == nil then
        record = unpack_record(value)
      end
      if record and not entry_of(field) then
        lose(field, record)
      elseif record and restoring and record.settled == OPEN then
        taken[record.taker] = taken[record.taker] or {}
        table.insert(taken[record.taker], field)
      end
    end
  end
  for taker, ids in pairs(taken) do
    claim(taker, ids)
  end
  local done = page[1] == '0'
  redis.call('HSET', SWEEP, 'walk', page[1])
  if done and restoring then
    redis.call('HDEL', SWEEP, 'restoring')
  end
  return done
end
