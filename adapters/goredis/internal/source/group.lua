-- group_state answers {pending = …, last = …} of the consumer group, last
-- being the newest message ID that was delivered; nil when there is no group.
local function group_state()
  local groups = redis.pcall('XINFO', 'GROUPS', STREAM)
  if groups.err then
    if string.find(groups.err, '^ERR no such key') then
      return nil
    end
    error(groups)
  end
  for _, group in ipairs(groups) do
    local state = {}
    for i = 1, #group, 2 do
      state[group[i]] = group[i + 1]
    end
    if state.name == GROUP then
      return { pending = state.pending, last = state['last-delivered-id'] }
    end
  end
  return nil
end

-- make_group makes the group, and the stream, from the first entry on, so that
-- nothing is ever skipped. Where records are left of an earlier group, a walk
-- over them must put what is taken back into its takers' pending lists.
local function make_group()
  local made = redis.pcall('XGROUP', 'CREATE', STREAM, GROUP, '0', 'MKSTREAM')
  if made.err then
    if string.find(made.err, '^BUSYGROUP') then
      return
    end
    error(made)
  end
  if redis.call('EXISTS', RECORDS) == 1 then
    redis.call('HSET', SWEEP, 'restoring', '1', 'walk', '0')
  end
end

-- required_group is group_state for a call that needs the group.
local function required_group()
  local state = group_state()
  if state then
    return state
  end
  make_group()
  return group_state()
end

-- left counts what nobody was given yet. XINFO's lag cannot: it is nil after
-- the group was made again or an undelivered entry was deleted.
local function left(group)
  return math.max(redis.call('XLEN', STREAM) - (group and group.pending or 0), 0)
end

-- claim makes the consumer the one that the entries are pending for, also when
-- they were in nobody's list.
local function claim(consumer, ids)
  if #ids == 0 then
    return
  end
  local command = { 'XCLAIM', STREAM, GROUP, consumer, '0' }
  for _, id in ipairs(ids) do
    command[#command + 1] = id
  end
  command[#command + 1] = 'FORCE'
  command[#command + 1] = 'JUSTID'
  redis.call(unpack(command))
end
