#!lua flags=no-writes
-- The service in numbers.
--
-- Reply: {layout or '', 1 if there is a group, announced and not done, not
--   delivered yet, milliseconds that the oldest of these waits, in the
--   quarantine, dropped from it, given back and not taken since, number of the
--   sweep's round, size of the last whole one, how many this one has passed,
--   milliseconds since it began, 1 while it is under way}
-- Numbers are decimal text.
local group = group_state()
local announced = redis.call('XLEN', STREAM)
local waiting = left(group)
local oldest = 0
if waiting > 0 then
  local first = redis.call('XRANGE', STREAM, '(' .. (group and group.last or '0-0'), '+', 'COUNT', 1)[1]
  oldest = first and math.max(NOW - tonumber(string.match(first[1], '^%d+')), 0) or 0
end
local sweep = redis.call('HMGET', SWEEP, 'number', 'size', 'passed', 'started', 'cursor')
local reply = {
  announced, waiting, oldest, redis.call('HLEN', QUARANTINE),
  exact(redis.call('HGET', QUARANTINE_STATE, 'dropped') or '') or 0, redis.call('ZCARD', DUE),
  exact(sweep[1] or '') or 0, exact(sweep[2] or '') or 0, exact(sweep[3] or '') or 0,
  exact(sweep[4] or '') and math.max(NOW - exact(sweep[4]), 0) or 0,
}
local texts = { redis.call('GET', LAYOUT) or '', group and '1' or '0' }
for _, number in ipairs(reply) do
  texts[#texts + 1] = string.format('%.0f', number)
end
texts[#texts + 1] = (sweep[5] or '') == '' and '0' or '1'
return texts
