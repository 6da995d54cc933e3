package simredis

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// sortedSet keeps members by score, then by name.
type sortedSet struct {
	scores map[string]float64
	order  []scored
}

type scored struct {
	name  string
	score float64
}

func newSortedSet() *sortedSet { return &sortedSet{scores: make(map[string]float64)} }

func compareScored(a, b scored) int {
	return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.name, b.name))
}

func (z *sortedSet) set(name string, score float64) {
	z.remove(name)
	member := scored{name, score}
	at, _ := slices.BinarySearchFunc(z.order, member, compareScored)
	z.order = slices.Insert(z.order, at, member)
	z.scores[name] = score
}

func (z *sortedSet) remove(name string) bool {
	score, found := z.scores[name]
	if found {
		at, _ := slices.BinarySearchFunc(z.order, scored{name, score}, compareScored)
		z.order = slices.Delete(z.order, at, at+1)
		delete(z.scores, name)
	}
	return found
}

func (z *sortedSet) copy() *sortedSet {
	twin := newSortedSet()
	twin.order = slices.Clone(z.order)
	for _, member := range z.order {
		twin.scores[member.name] = member.score
	}
	return twin
}

func (c *call) sortedSet() (*sortedSet, any) {
	found, _, problem := find[*sortedSet](c.server, c.args[1])
	if found == nil {
		found = newSortedSet()
	}
	return found, problem
}

func zcard(c *call) any {
	z, problem := c.sortedSet()
	if problem != nil {
		return problem
	}
	return int64(len(z.order))
}

func zscore(c *call) any {
	z, problem := c.sortedSet()
	if problem != nil {
		return problem
	}
	if score, found := z.scores[c.args[2]]; found {
		return score
	}
	return nil
}

func zadd(c *call) any {
	var onlyNew, onlyOld bool
	words := c.args[2:]
	for len(words) > 0 && (is(words[0], "NX") || is(words[0], "XX")) {
		onlyNew, onlyOld = onlyNew || is(words[0], "NX"), onlyOld || is(words[0], "XX")
		words = words[1:]
	}
	if len(words) == 0 || len(words)%2 != 0 {
		return syntaxError
	}
	if onlyNew && onlyOld {
		return Error("ERR XX and NX options at the same time are not compatible")
	}
	scores := make([]float64, len(words)/2)
	for i := range scores {
		score, valid := parseScore(words[2*i])
		if !valid {
			return notFloat
		}
		scores[i] = score
	}
	z, problem := c.sortedSet()
	if problem != nil {
		return problem
	}
	added := int64(0)
	for i, score := range scores {
		_, found := z.scores[words[2*i+1]]
		if onlyNew && found || onlyOld && !found {
			continue
		}
		z.set(words[2*i+1], score)
		added += boolean(!found)
	}
	if len(z.order) > 0 && c.server.look(c.args[1]) == nil {
		c.server.put(c.args[1], z)
	}
	return added
}

func parseScore(text string) (float64, bool) {
	switch strings.ToLower(text) {
	case "nan", "-nan", "+nan":
		return 0, false
	}
	score, err := strconv.ParseFloat(text, 64)
	return score, err == nil
}

func zrem(c *call) any {
	z, problem := c.sortedSet()
	if problem != nil {
		return problem
	}
	removed := int64(0)
	for _, name := range c.args[2:] {
		removed += boolean(z.remove(name))
	}
	if removed > 0 && len(z.order) == 0 {
		c.server.delete(c.args[1])
	}
	return removed
}

func zpopmin(c *call) any {
	if len(c.args) != 2 {
		return syntaxError // a count is not used
	}
	z, problem := c.sortedSet()
	if problem != nil {
		return problem
	}
	if len(z.order) == 0 {
		return []any{}
	}
	first := z.order[0]
	z.remove(first.name)
	if len(z.order) == 0 {
		c.server.delete(c.args[1])
	}
	return []any{first.name, first.score}
}
