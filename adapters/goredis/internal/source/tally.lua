-- A tally counts what an incarnation has taken and not settled. It lives in
-- the hash RECORDS too, so that the two are lost together or not at all:
--
--   taken:incarnation → change count member-ID
local TALLY_PREFIX = 'taken:'

local tallies = {}
local changed_tallies = {}

local function unpack_tally(text)
  local change, count, id = string.match(text or '', '^(%d+) (%d+) (.*)$')
  return { change = exact(change or 0) or 0, count = exact(count or 0) or 0, id = id or '' }
end

local function tally_of(incarnation)
  if not tallies[incarnation] then
    tallies[incarnation] = unpack_tally(redis.call('HGET', RECORDS, TALLY_PREFIX .. incarnation))
  end
  return tallies[incarnation]
end

local function change_tally(incarnation, by)
  local tally = tally_of(incarnation)
  tally.change = tally.change + 1
  tally.count = math.max(tally.count + by, 0)
  changed_tallies[incarnation] = true
  return tally
end

local function write_tallies()
  for incarnation in pairs(changed_tallies) do
    local tally = tallies[incarnation]
    redis.call('HSET', RECORDS, TALLY_PREFIX .. incarnation,
      tally.change .. ' ' .. tally.count .. ' ' .. tally.id)
  end
  changed_tallies = {}
end
