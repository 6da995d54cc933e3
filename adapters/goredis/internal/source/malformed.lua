#!lua flags=allow-oom
-- Moves entries whose payload Go could not read into the quarantine.
--
-- ARGV 3…: for each entry message ID and reason
-- Reply: how many were moved; the others are gone already
local moved = 0
for i = 3, #ARGV, 2 do
  local entry = entry_of(ARGV[i])
  if entry then
    quarantine(ARGV[i], entry, record_of(ARGV[i]), ARGV[i + 1])
    moved = moved + 1
  end
end
write_records()
write_tallies()
return moved
