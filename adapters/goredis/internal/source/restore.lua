#!lua flags=allow-oom
-- Goes on putting what is taken back into its takers' pending lists, which were
-- lost with the group.
--
-- ARGV 3: about how many records to look at
-- Reply: 1 when nothing is left to restore, else 0
required_group()
if redis.call('HEXISTS', SWEEP, 'restoring') == 0 then
  return 1
end
local done = walk(tonumber(ARGV[3]))
write_records()
write_tallies()
return done and 1 or 0
