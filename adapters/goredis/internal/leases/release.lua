#!lua flags=allow-oom
-- Gives leases back. Only the very lease is removed: same grant, same token.
--
-- KEYS: those of session.lua
-- ARGV: for each request grant, token, name, 'end' or ''
-- Reply: for each request {removed, change, count}, removed being '1' or '0'.
-- With 'end' a grant in which nothing is left ends. Numbers are decimal text.

local PER_REQUEST = 4

local function release(known, token, name)
  local grant, current = parse(redis.call('HGET', KEYS[3], name))
  if grant ~= known.grant or current ~= token then
    return '0'
  end
  redis.call('HDEL', KEYS[3], name)
  if remove(known, name) then
    saveState(known)
  end
  return '1'
end

local replies = {}
for i = 1, #ARGV, PER_REQUEST do
  local known = session(ARGV[i])
  local removed = release(known, ARGV[i + 1], ARGV[i + 2])
  replies[#replies + 1] = { removed, text(known.change), text(math.max(known.count, 0)) }
  if ARGV[i + 3] == 'end' and known.deadline and redis.call('ZCARD', known.set) == 0 then
    forget(known)
  end
end
return replies
