-- A record is one line of text, in the hash RECORDS under the message ID:
--
--   token taker since suspect failures crashes retry settled delivered name
--
-- token      highest that ever took the assignment
-- taker      incarnation that took it with this token
-- since      when it was taken or, once settled, given back (milliseconds)
-- suspect    incarnation/token/ID of an earlier taker that may have crashed,
--            or NOBODY
-- retry      when it may be taken again (milliseconds)
-- settled    OPEN while the tenure goes on, else the letter of its outcome
-- delivered  0 when it was taken before any Fetch answered it
-- name       of the data stream; last, because it may contain anything
--
-- Three numbers carry a mark, a leading zero, which the scripts of earlier
-- versions read over and at worst drop:
--
-- since      the tenure is on trial
-- suspect    its token: that tenure was on trial
-- crashes    the last one ended a tenure on trial
--
-- Tokens stay text: numbers over 10^14 lose digits on the way through Lua.

-- No incarnation looks like this.
local NOBODY = '.'
local OPEN = '-'
local LARGEST_TOKEN = '9223372036854775807'

local function is_marked(number)
  return #number > 1 and string.sub(number, 1, 1) == '0'
end

local function marked(number, mark)
  return mark and '0' .. number or number
end

local function unpack_record(text)
  if not text then
    return nil
  end
  local token, taker, since, suspect, failures, crashes, retry, settled, delivered, name =
    string.match(text, '^(%d+) (%S+) (%d+) (%S+) (%d+) (%d+) (%d+) (%S) ([01]) (.+)$')
  if not token or exceeds(token, LARGEST_TOKEN) then
    return nil
  end
  local record = {
    token = token, taker = taker, since = exact(since), suspect = suspect,
    failures = exact(failures), crashes = exact(crashes),
    retry = exact(retry), settled = settled, delivered = delivered, name = name,
    trial = is_marked(since), crashed_alone = is_marked(crashes),
  }
  if record.since and record.failures and record.crashes and record.retry then
    return record
  end
  return nil
end

-- Not string.format: its %s ends at the first NUL of a name.
local function pack_record(record)
  return record.token .. ' ' .. record.taker .. ' ' .. marked(record.since, record.trial)
    .. ' ' .. record.suspect .. ' ' .. record.failures
    .. ' ' .. marked(record.crashes, record.crashed_alone) .. ' ' .. record.retry
    .. ' ' .. record.settled .. ' ' .. record.delivered .. ' ' .. record.name
end

-- records caches what a script has read and changed, so that a batch may name
-- an assignment twice. false: there is none.
local records = {}
local changed_records = {}

local function load_records(ids)
  if #ids == 0 then
    return
  end
  for i, text in ipairs(redis.call('HMGET', RECORDS, unpack(ids))) do
    records[ids[i]] = unpack_record(text) or false
  end
end

local function record_of(id)
  if records[id] == nil then
    records[id] = unpack_record(redis.call('HGET', RECORDS, id)) or false
  end
  return records[id]
end

local function change_record(id, record)
  records[id] = record
  changed_records[id] = true
end

-- write_records stores every change at once.
local function write_records()
  local set, remove = {}, {}
  for id in pairs(changed_records) do
    if records[id] then
      set[#set + 1] = id
      set[#set + 1] = pack_record(records[id])
    else
      remove[#remove + 1] = id
    end
  end
  if #set > 0 then
    redis.call('HSET', RECORDS, unpack(set))
  end
  if #remove > 0 then
    redis.call('HDEL', RECORDS, unpack(remove))
    redis.call('HDEL', ENDINGS, unpack(remove))
  end
  changed_records = {}
end
