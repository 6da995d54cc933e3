#!lua flags=no-writes
-- The fleet, and whoever else is in the consumer group.
--
-- Reply: for each: incarnation, member ID, 'fleet' or 'group', 1 if it has room,
--   how many it says that it owns, version of its program, milliseconds until
--   it counts as gone (negative: since it should have), how many assignments it
--   has taken and not settled, how many are pending for it, milliseconds since
--   it asked the group
-- Numbers are decimal text.
local reply = {}
local consumers = {}

local function push(...)
  for _, value in ipairs({ ... }) do
    reply[#reply + 1] = type(value) == 'number' and string.format('%.0f', value) or value
  end
end

if group_state() then
  for _, list in ipairs(redis.call('XINFO', 'CONSUMERS', STREAM, GROUP)) do
    local consumer = {}
    for i = 1, #list, 2 do
      consumer[list[i]] = list[i + 1]
    end
    consumers[consumer.name] = consumer
  end
end

local function push_rest(incarnation)
  local consumer = consumers[incarnation] or { pending = 0, idle = 0 }
  push(tally_of(incarnation).count, consumer.pending, consumer.idle)
  consumers[incarnation] = nil
end

local fleet = redis.call('HGETALL', FLEET)
for i = 1, #fleet, 2 do
  local field = fleet[i]
  local deadline, room, owned, length, rest = string.match(fleet[i + 1], '^(%d+) ([01]) (%d+) (%d+) (.*)$')
  length = exact(length)
  if string.find(field, MEMBER_PREFIX, 1, true) == 1 and exact(deadline) and length then
    local incarnation = string.sub(field, #MEMBER_PREFIX + 1)
    push(incarnation, string.sub(rest, 1, length), 'fleet', room, owned,
      string.sub(rest, length + 2), tonumber(deadline) - NOW)
    push_rest(incarnation)
  end
end
local names = {}
for name in pairs(consumers) do
  names[#names + 1] = name
end
table.sort(names)
for _, name in ipairs(names) do
  push(name, tally_of(name).id, 'group', '0', '0', '', '0')
  push_rest(name)
end
return reply
