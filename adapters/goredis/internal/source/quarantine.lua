-- The quarantine keeps the newest of what could not be processed: a hash with,
-- under each message ID, one line of JSON (the evidence) and, after it, the
-- payload; and a sorted set of the message IDs by time.
local QUARANTINE_KEPT = 100000
local PAYLOAD_KEPT = 64 * 1024
-- Beyond this a hash would hold up the server for more than milliseconds.
local HASHED_AT_MOST = 1024 * 1024

local LOST = 'the announcement was deleted before the stream was done'

-- raw_of is what an entry of any shape contains, and its size.
local function raw_of(entry)
  local payload = payload_of(entry)
  if payload then
    return payload, #payload
  end
  local size, kept, parts = 0, 0, {}
  for _, part in ipairs(entry) do
    size = size + #part
    if kept < PAYLOAD_KEPT then
      parts[#parts + 1] = string.sub(part, 1, PAYLOAD_KEPT)
      kept = kept + #part
    end
  end
  return table.concat(parts, '\n'), size
end

local function drop_oldest()
  while redis.call('HLEN', QUARANTINE) > QUARANTINE_KEPT do
    local oldest = redis.call('ZPOPMIN', QUARANTINE_ORDER)[1]
    if not oldest then
      return
    end
    redis.call('HDEL', QUARANTINE, oldest)
    redis.call('HINCRBY', QUARANTINE_STATE, 'dropped', 1)
  end
end

-- quarantine moves an assignment with everything that is known of it; entry is
-- nil when it was trimmed, and the record's removal is written by
-- write_records and write_tallies.
local function quarantine(id, entry, record, reason)
  local evidence = { time = string.format('%.0f', NOW), reason = reason, size = '0' }
  local payload = ''
  if entry then
    local size
    payload, size = raw_of(entry)
    evidence.size = string.format('%.0f', size)
    if #payload > PAYLOAD_KEPT then
      if #payload == size and size <= HASHED_AT_MOST then
        evidence.sha1 = redis.sha1hex(payload)
      end
      payload = string.sub(payload, 1, PAYLOAD_KEPT)
    end
  end
  if record then
    evidence.name, evidence.token, evidence.taker = record.name, record.token, record.taker
    evidence.failures = tostring(record.failures)
    evidence.crashes = tostring(record.crashes)
    local endings = endings_of(id)
    if #endings > 0 then
      evidence.endings = endings
    end
    if record.settled == OPEN then
      change_tally(record.taker, -1)
    end
    change_record(id, false)
  end
  redis.call('HSET', QUARANTINE, id, cjson.encode(evidence) .. '\n' .. payload)
  redis.call('ZADD', QUARANTINE_ORDER, NOW, id)
  drop_oldest()
  delete_entry(id)
  redis.call('ZREM', DUE, id)
end

-- lose moves what is left of an assignment whose entry was trimmed.
local function lose(id, record)
  quarantine(id, nil, record, LOST)
end
