package failures_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/internal/testsize"
)

// awkwardNames hold what others take for a separator, a pattern, an escape or
// the end of something.
func awkwardNames() []string {
	return []string{
		":", "a:", ":a", "a:b", "a::b", "a:1700000000000-0", "a:1-1:2-2",
		" ", "a b", "a\tb", "a\nb", "a\r\nb", "a\x00b", "{", "}", "{a}", "{a}:b",
		"*", "?", "[a-z]", `\`, `\n`, `"`, "'", "$(a)", "%s", "%", "]]", "--", "nil",
		"1 2 3", "0", "-1", "1e9", "ä", "日本", "\u2028", "\ufffd", "a/b", "a|b", "a,b", "a;b",
		strings.Repeat("n", 64<<10),
	}
}

func TestFailure08ExpiryIsNoticedInEveryDatabaseAndForEveryName(t *testing.T) {
	t.Parallel()
	s := newScenarioAt(t, place{redistest.Start(t), 3, serviceName}, settings{TTL: 2 * time.Second})
	s.startMembers(3)
	names := awkwardNames()
	for i := range testsize.Pick(1, 50) {
		for _, name := range awkwardNames() {
			names = append(names, fmt.Sprint(name[:min(100, len(name))], ":", i))
		}
	}
	refs := s.announce(names...)
	s.awaitOwned(refs)

	victim, orphans := s.largestOwner()
	killed := victim.kill9()
	s.awaitOwned(refs)
	owners := s.books.owners()
	var recovery times
	for ref := range orphans {
		recovery = append(recovery, owners[ref][0].began-killed)
	}
	t.Logf("killed the owner of %d of %d streams in database 3; owned again: %v", len(orphans), len(refs), recovery)
	s.finish()
}
