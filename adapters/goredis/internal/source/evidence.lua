-- What is remembered against an assignment: from the first failure or crash on
-- the last endings of its tenures, a JSON array in the hash ENDINGS under the
-- message ID. Numbers are text in it.
local ENDINGS_KEPT = 5

local OUTCOMES = { d = 'Done', h = 'HandedOff', f = 'Failed', q = 'Quarantined', c = 'Crashed' }

local function endings_of(id)
  local text = redis.call('HGET', ENDINGS, id)
  local ok, endings = pcall(cjson.decode, text or '')
  if ok and type(endings) == 'table' then
    return endings
  end
  return {}
end

local function note_ending(id, ending)
  local endings = endings_of(id)
  ending.time = string.format('%.0f', NOW)
  endings[#endings + 1] = ending
  while #endings > ENDINGS_KEPT do
    table.remove(endings, 1)
  end
  redis.call('HSET', ENDINGS, id, cjson.encode(endings))
end

-- suspicion is the suspect of a record: the taker whose tenure nobody settled.
-- Its ID is for people only and may lose characters here.
local function suspicion(record)
  local id = string.gsub(string.sub(tally_of(record.taker).id, 1, 64), '[%s%c]', '_')
  return record.taker .. '/' .. record.token .. '/' .. id
end

-- convict counts a suspicion that still stands as a crash.
local function convict(id, record)
  if record.suspect == NOBODY then
    return
  end
  local incarnation, token, member = string.match(record.suspect, '^([^/]*)/([^/]*)/(.*)$')
  record.suspect = NOBODY
  record.crashes = record.crashes + 1
  note_ending(id, {
    member = member, incarnation = incarnation, token = token, outcome = OUTCOMES.c,
    reason = 'lost the stream and was not heard of since',
  })
end

-- acquit clears the suspicion against an incarnation that is heard of: it
-- lived. It answers whether there was one.
local function acquit(record, incarnation)
  if string.match(record.suspect, '^[^/]*') ~= incarnation then
    return false
  end
  record.suspect = NOBODY
  return true
end

-- forgive sets the counts to zero when the tenure that ends now lasted long
-- enough; stable_after 0 means that none does.
local function forgive(id, record, stable_after)
  if stable_after == 0 or NOW - record.since < stable_after then
    return
  end
  if record.failures + record.crashes > 0 then
    redis.call('HDEL', ENDINGS, id)
  end
  record.failures, record.crashes = 0, 0
end
