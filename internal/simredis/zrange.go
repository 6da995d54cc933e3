package simredis

import (
	"slices"
	"strconv"
	"strings"
)

// scoreBound is one end of a range of scores.
type scoreBound struct {
	score     float64
	exclusive bool
}

func parseScoreBound(text string) (scoreBound, bool) {
	rest, exclusive := strings.CutPrefix(text, "(")
	score, valid := parseScore(rest)
	return scoreBound{score, exclusive}, valid
}

func (b scoreBound) isBelow(score float64) bool {
	return b.score < score || b.score == score && !b.exclusive
}

func (b scoreBound) isAbove(score float64) bool {
	return b.score > score || b.score == score && !b.exclusive
}

// window is how a range is answered.
type window struct {
	byScore, withScores bool
	offset, count       int
}

func readWindow(words []string) (w window, problem any) {
	w.count = -1
	for i := 0; i < len(words); i++ {
		switch {
		case is(words[i], "BYSCORE"):
			w.byScore = true
		case is(words[i], "WITHSCORES"):
			w.withScores = true
		case is(words[i], "LIMIT") && i+2 < len(words):
			offset, err := strconv.Atoi(words[i+1])
			count, err2 := strconv.Atoi(words[i+2])
			if err != nil || err2 != nil {
				return w, notInteger
			}
			w.offset, w.count = offset, count
			i += 2
		default:
			return w, syntaxError
		}
	}
	return w, nil
}

func zrange(c *call) any {
	w, problem := readWindow(c.args[4:])
	if problem != nil {
		return problem
	}
	if !w.byScore {
		return c.zrangeByPlace(w)
	}
	return c.zrangeByScore(w)
}

func zrangebyscore(c *call) any {
	w, problem := readWindow(c.args[4:])
	if problem != nil {
		return problem
	}
	return c.zrangeByScore(w)
}

func (c *call) zrangeByPlace(w window) any {
	from, err := strconv.Atoi(c.args[2])
	to, err2 := strconv.Atoi(c.args[3])
	if err != nil || err2 != nil {
		return notInteger
	}
	z, problem := c.sortedSet()
	if problem != nil {
		return problem
	}
	size := len(z.order)
	if from < 0 {
		from = max(size+from, 0)
	}
	if to < 0 {
		to = size + to
	}
	to = min(to, size-1)
	if from > to {
		return []any{}
	}
	return answerScored(z.order[from:to+1], w)
}

func (c *call) zrangeByScore(w window) any {
	low, valid := parseScoreBound(c.args[2])
	high, valid2 := parseScoreBound(c.args[3])
	if !valid || !valid2 {
		return Error("ERR min or max is not a float")
	}
	z, problem := c.sortedSet()
	if problem != nil {
		return problem
	}
	from := slices.IndexFunc(z.order, func(m scored) bool { return low.isBelow(m.score) })
	if from < 0 || w.offset < 0 {
		return []any{}
	}
	found := z.order[from:]
	if end := slices.IndexFunc(found, func(m scored) bool { return !high.isAbove(m.score) }); end >= 0 {
		found = found[:end]
	}
	found = found[min(w.offset, len(found)):]
	if w.count >= 0 {
		found = found[:min(w.count, len(found))]
	}
	return answerScored(found, w)
}

func answerScored(found []scored, w window) any {
	replies := []any{}
	for _, member := range found {
		replies = append(replies, member.name)
		if w.withScores {
			replies = append(replies, member.score)
		}
	}
	return replies
}
