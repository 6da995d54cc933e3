#!lua flags=allow-oom
-- Says that a member lives, lets those go whose time has passed, and answers
-- the state of the fleet. The hash FLEET holds
--
--   member:incarnation  deadline room owned length-of-ID ID version
--   version             number of the fleet's state
--   owned, roomy        sums of owned over all, and over those with room
--   next                when the first member may have to go (milliseconds)
--   oldest              last delivered message ID, and the first one after it
--
-- ARGV 3: incarnation
-- ARGV 4: ID
-- ARGV 5: 1 if the member has room
-- ARGV 6: how many it owns
-- ARGV 7: version of its program
-- ARGV 8: milliseconds after which it has left without another beat
-- ARGV 9: 1 if it leaves now
-- ARGV 10: version of the fleet that it knows
-- ARGV 11: layout that it speaks
-- Reply: {'layout', found} when that is another major one, and nothing is done;
--   else {'fleet', version, owned, roomy, backlog, milliseconds that the oldest
--   waits, change number and count of its tally, then, if it knows another
--   version, incarnation, ID and room of each member}
local INCARNATION, MEMBER, ROOM, OWNED, PROGRAM = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local EXPIRY, LEAVING, KNOWN, LAYOUT_SPOKEN = tonumber(ARGV[8]), ARGV[9] == '1', ARGV[10], ARGV[11]
local CONSUMERS_AT_ONCE = 100

local layout = redis.call('GET', LAYOUT)
if not layout then
  redis.call('SET', LAYOUT, LAYOUT_SPOKEN)
elseif string.match(layout, '^[^.]*') ~= string.match(LAYOUT_SPOKEN, '^[^.]*') then
  return { 'layout', layout }
end

local MINE = MEMBER_PREFIX .. INCARNATION
local stored = redis.call('HMGET', FLEET, 'version', 'owned', 'roomy', 'next', MINE)
local fleet = {
  version = exact(stored[1]) or 0, owned = exact(stored[2]) or 0,
  roomy = exact(stored[3]) or 0, next = exact(stored[4]) or 0,
}

local function unpack_member(text)
  local deadline, room, owned, length, rest = string.match(text or '', '^(%d+) ([01]) (%d+) (%d+) (.*)$')
  deadline, owned, length = exact(deadline), exact(owned), exact(length)
  if not (deadline and owned and length) then
    return nil
  end
  return { deadline = deadline, room = room, owned = owned, id = string.sub(rest, 1, length) }
end

local function pack_member(deadline)
  return deadline .. ' ' .. ROOM .. ' ' .. OWNED .. ' ' .. #MEMBER .. ' ' .. MEMBER .. ' ' .. PROGRAM
end

-- new_version goes by the clock, in microseconds, so that it rises also when the
-- fleet was forgotten, and nobody takes the new one for the one that it knows.
local function new_version()
  fleet.version = math.max(fleet.version + 1, clock[1] * 1000000 + clock[2])
end

local function count(member, by)
  fleet.owned = fleet.owned + by * member.owned
  if member.room == '1' then
    fleet.roomy = fleet.roomy + by * member.owned
  end
end

-- members reads the whole fleet: incarnation → member.
local function members()
  local found = {}
  local all = redis.call('HGETALL', FLEET)
  for i = 1, #all, 2 do
    if string.find(all[i], MEMBER_PREFIX, 1, true) == 1 then
      found[string.sub(all[i], #MEMBER_PREFIX + 1)] = unpack_member(all[i + 1])
        or { deadline = 0, room = '0', owned = 0, id = '' }
    end
  end
  return found
end

local function has_nothing_pending(consumer)
  return #redis.call('XPENDING', STREAM, GROUP, '-', '+', 1, consumer) == 0
end

-- drop_consumer never deletes one that has something pending: that would be in
-- nobody's list for ever.
local function drop_consumer(incarnation)
  if group_state() and has_nothing_pending(incarnation) then
    redis.call('XGROUP', 'DELCONSUMER', STREAM, GROUP, incarnation)
  end
end

-- drop_consumers does so for all who have left; the next beat that looks gets
-- those that have something pending now. A member that comes back is given a
-- new consumer by its next Fetch.
local function drop_consumers(living)
  if not group_state() then
    return
  end
  local dropped = 0
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', STREAM, GROUP)) do
    local incarnation, pending = consumer[2], consumer[4]
    if not living[incarnation] and pending == 0 and dropped < CONSUMERS_AT_ONCE
      and has_nothing_pending(incarnation) then
      redis.call('XGROUP', 'DELCONSUMER', STREAM, GROUP, incarnation)
      dropped = dropped + 1
    end
  end
end

local function forget_tally(incarnation)
  if tally_of(incarnation).count == 0 then
    redis.call('HDEL', RECORDS, TALLY_PREFIX .. incarnation)
  end
end

-- expire lets go whose time has passed. It reads the whole fleet, but only when
-- the first deadline that it saw the last time has come.
local function expire()
  if NOW < fleet.next then
    return
  end
  fleet.owned, fleet.roomy, fleet.next = 0, 0, NOW + EXPIRY
  local living = members()
  for incarnation, member in pairs(living) do
    if member.deadline <= NOW then
      redis.call('HDEL', FLEET, MEMBER_PREFIX .. incarnation)
      living[incarnation] = nil
      forget_tally(incarnation)
      new_version()
    else
      count(member, 1)
      fleet.next = math.min(fleet.next, member.deadline)
    end
  end
  living[INCARNATION] = true
  drop_consumers(living)
end

local function leave(before)
  if before then
    redis.call('HDEL', FLEET, MINE)
    count(before, -1)
    new_version()
  end
  forget_tally(INCARNATION)
  drop_consumer(INCARNATION)
  -- Who left before with something pending: this may be the last beat that looks.
  drop_consumers(members())
end

local function join(before)
  if before then
    count(before, -1)
  end
  if not before or before.room ~= ROOM then
    new_version()
  end
  count({ room = ROOM, owned = tonumber(OWNED) }, 1)
  local deadline = NOW + 1 + EXPIRY
  fleet.next = math.min(fleet.next, deadline)
  redis.call('HSET', FLEET, MINE, pack_member(deadline))
end

-- oldest_wait reads the first undelivered entry only when it is another one:
-- it may be large, and all members ask all the time.
local function oldest_wait(last)
  local after, oldest = string.match(redis.call('HGET', FLEET, 'oldest') or '', '^(%S+) (%S+)$')
  if after ~= last then
    local first = redis.call('XRANGE', STREAM, '(' .. last, '+', 'COUNT', 1)[1]
    if not first then
      return 0
    end
    oldest = first[1]
    redis.call('HSET', FLEET, 'oldest', last .. ' ' .. oldest)
  end
  return math.max(NOW - tonumber(string.match(oldest, '^%d+')), 0)
end

local tally = tally_of(INCARNATION)
expire()
local before = unpack_member(redis.call('HGET', FLEET, MINE))
if LEAVING then
  leave(before)
else
  join(before)
end
local version = string.format('%.0f', fleet.version)
redis.call('HSET', FLEET, 'version', version, 'owned', fleet.owned, 'roomy', fleet.roomy, 'next', fleet.next)

local group = group_state()
local backlog = redis.call('EXISTS', STREAM) == 1 and left(group) or 0
local waits = backlog > 0 and oldest_wait(group and group.last or '0-0') or 0
local reply = { 'fleet', fleet.version, fleet.owned, fleet.roomy, backlog, waits, tally.change, tally.count }
if version ~= KNOWN then
  for incarnation, member in pairs(members()) do
    reply[#reply + 1] = incarnation
    reply[#reply + 1] = member.id
    reply[#reply + 1] = tonumber(member.room)
  end
end
return reply
