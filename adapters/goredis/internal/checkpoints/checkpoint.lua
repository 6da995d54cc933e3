-- Shared by the scripts of the checkpoints, which all begin with the key
--   KEYS[1] prefix of the checkpoints (prefix .. ref is a string:
--           "token number state position")
-- A checkpoint is in the slot of its prefix. The state is '+' while it is open
-- and '-' while it is closed.

local OPEN, CLOSED = '+', '-'

-- isLower compares decimal numbers that are not negative: a token is of 64
-- bits, a number of Lua is exact to 53.
local function isLower(one, other)
  if #one ~= #other then
    return #one < #other
  end
  return one < other
end

-- find answers the checkpoint at key: nil when there is none. Instead of
-- something that is not ours it answers nothing and the error.
local function find(key)
  local value = redis.pcall('GET', key)
  if not value then
    return nil
  end
  if type(value) == 'table' then
    return nil, value.err
  end
  local token, number, state, position = string.match(value, '^(%d+) (%d+) ([+-]) (.*)$')
  if not token then
    return nil, 'ERR a checkpoint has a value of somebody else\'s making'
  end
  return { token = token, number = number, state = state, position = position }
end

-- closedTo reports whether a checkpoint is closed to a token.
local function closedTo(known, token)
  return known.state == CLOSED and not isLower(known.token, token)
end

-- enter is the way in for a token: it answers 'done', 'disowned' or an error,
-- else nil and the checkpoint, in which the token is the highest. A
-- checkpoint that is closed is open then.
local function enter(key, token)
  local known, failure = find(key)
  if failure then
    return failure
  end
  known = known or { token = '0', number = '0', state = OPEN, position = '' }
  if closedTo(known, token) then
    return 'done'
  end
  if isLower(token, known.token) then
    return 'disowned', known
  end
  if token ~= known.token then
    known.token, known.number, known.isChanged = token, '0', true
  end
  known.state = OPEN
  return nil, known
end

local function text(known)
  return known.token .. ' ' .. known.number .. ' ' .. known.state .. ' ' .. known.position
end
