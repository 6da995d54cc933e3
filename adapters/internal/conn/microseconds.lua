-- Shared by the scripts that count in microseconds of the server's clock.

-- Numbers over 10^14 lose digits when Lua makes text of them by itself.
local function text(number)
  return string.format('%.0f', number)
end

local function microseconds()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local now = microseconds()

-- since answers how many microseconds ago an instant was, at least 1: 0 is for
-- who does not know.
local function since(instant)
  return text(math.max(now - tonumber(instant), 1))
end
