package proctest_test

import (
	"os"
	"regexp"
	"strconv"
)

// stateInStat follows the name of the command, which stands in parentheses.
var stateInStat = regexp.MustCompile(`\) (\w) `)

// alive does not count a process that has ended and that nobody has reaped: an
// orphan's reaper is none of ours.
func alive(pid int) bool {
	state := stateOf(pid)
	return state != "" && state != "Z"
}

// stateOf is the letter of a process's state on Linux; empty: there is no such
// process.
func stateOf(pid int) string {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	return string(stateInStat.FindSubmatch(status)[1])
}
