package failures_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// footprint is what a member costs its machine, by the kernel's word.
type footprint struct {
	resident  int64         // bytes
	processor time.Duration // since it started
}

// footprints are those of all members, in order.
func (s *scenario) footprints() []footprint {
	s.t.Helper()
	var all []footprint
	for _, member := range s.members {
		now, err := footprintOf(member.process.PID())
		require.NoError(s.t, err, "the footprint of %v", member)
		all = append(all, now)
	}
	return all
}

func footprintOf(process int) (footprint, error) {
	memory, err := procFields(process, "statm")
	if err != nil {
		return footprint{}, err
	}
	times, err := procFields(process, "stat")
	if err != nil {
		return footprint{}, err
	}
	const (
		residentPages     = 1
		userTicks         = 13
		systemTicks       = 14
		tick              = time.Second / 100 // USER_HZ, on every Linux
		fieldsOfStatAreAt = systemTicks + 1
	)
	if len(memory) <= residentPages || len(times) < fieldsOfStatAreAt {
		return footprint{}, fmt.Errorf("the kernel says %q and %q", memory, times)
	}
	pages, err := strconv.ParseInt(memory[residentPages], 10, 64)
	if err != nil {
		return footprint{}, err
	}
	user, err := strconv.ParseInt(times[userTicks], 10, 64)
	if err != nil {
		return footprint{}, err
	}
	system, err := strconv.ParseInt(times[systemTicks], 10, 64)
	if err != nil {
		return footprint{}, err
	}
	return footprint{pages * int64(os.Getpagesize()), time.Duration(user+system) * tick}, nil
}

// procFields are the words of one of a process's files. The second word of stat
// is the program's name, and may hold spaces: the test binary's has none.
func procFields(process int, file string) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", process, file))
	return strings.Fields(string(text)), err
}

// expectNoGrowth: none of the members has taken on much memory.
func (s *scenario) expectNoGrowth(before, now []footprint) {
	s.t.Helper()
	for i, member := range s.members {
		growth := now[i].resident - before[i].resident
		require.Less(s.t, growth, int64(mostGrowth), "bytes that %v has taken on", member)
	}
}

// expectSmall prints what the members have taken on in this time, and judges it.
func (s *scenario) expectSmall(before, after []footprint, passed time.Duration) {
	s.t.Helper()
	for i, member := range s.members {
		used := after[i].processor - before[i].processor
		s.t.Logf("%v: %d MiB resident before the flood, %d MiB after; %v of a processor in %v", member,
			before[i].resident>>20, after[i].resident>>20, used, passed.Round(time.Millisecond))
		assert.Less(s.t, used.Seconds(), mostProcessor*passed.Seconds(), "seconds of a processor that %v used", member)
	}
	s.expectNoGrowth(before, after)
}
