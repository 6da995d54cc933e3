-- Adds records to the account of one stream, unless the fencing token is lower
-- than one that the account has seen. One step: nobody can come in between.
--
-- KEYS[1]  hash: token, position (of the last record), finished (times)
-- KEYS[2]  list: "token position" of every record
-- ARGV[1]  fencing token
-- ARGV[2]  "1": the last record of the stream is among them; else "0"
-- ARGV[3…] positions of the records, in order; none: only make the token known
--
-- Returns {accepted (1 or 0), highest token, position, finished}.
--
-- Tokens are below 2^53, so Lua compares them exactly; they are stored as the
-- text that came.
local highest = redis.call('HGET', KEYS[1], 'token')
local accepted = not highest or tonumber(ARGV[1]) >= tonumber(highest)
if accepted then
  highest = ARGV[1]
  redis.call('HSET', KEYS[1], 'token', highest)
  for i = 3, #ARGV do
    redis.call('RPUSH', KEYS[2], highest .. ' ' .. ARGV[i])
    redis.call('HSET', KEYS[1], 'position', ARGV[i])
  end
  if ARGV[2] == '1' then
    redis.call('HINCRBY', KEYS[1], 'finished', 1)
  end
end
local account = redis.call('HMGET', KEYS[1], 'position', 'finished')
return {accepted and 1 or 0, highest, account[1] or '0-0', tonumber(account[2] or '0')}
