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
  return record.taker .. '/' .. marked(record.token, record.trial) .. '/' .. id
end

-- convict counts a suspicion that still stands as a crash.
local function convict(id, record)
  if record.suspect == NOBODY then
    return
  end
  local incarnation, mark, token, member = string.match(record.suspect, '^([^/]*)/(0?)([^/]*)/(.*)$')
  record.suspect = NOBODY
  record.crashes = record.crashes + 1
  record.crashed_alone = mark == '0'
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

-- is_stable: the tenure lasted long enough; stable_after 0 means that none does.
local function is_stable(record, stable_after)
  return stable_after > 0 and NOW - record.since >= stable_after
end

-- crashes_standing is the number of crashes that a Take would find.
local function crashes_standing(record, stable_after)
  if record.settled == OPEN and record.taker ~= NOBODY and is_stable(record, stable_after) then
    return 0
  end
  return record.crashes + (record.suspect ~= NOBODY and 1 or 0)
end

-- stand_trial: the tenure has stood its trial, if it was on trial. What was
-- before no longer speaks against it. It answers whether that changed anything.
local function stand_trial(record)
  if not record.trial then
    return false
  end
  record.trial, record.crashed_alone = false, false
  record.suspect = string.gsub(record.suspect, '^([^/]*/)0', '%1')
  return true
end

-- forgive sets the counts to zero when the tenure that ends now lasted long
-- enough.
local function forgive(id, record, stable_after)
  if not is_stable(record, stable_after) then
    return
  end
  if record.failures + record.crashes > 0 then
    redis.call('HDEL', ENDINGS, id)
  end
  record.failures, record.crashes, record.crashed_alone = 0, 0, false
end
