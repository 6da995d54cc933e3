package simredis

import (
	"math"
	"strconv"
	"strings"
)

const (
	syntaxError = Error("ERR syntax error")
	notInteger  = Error("ERR value is not an integer or out of range")
	notFloat    = Error("ERR value is not a valid float")
)

func get(c *call) any {
	value, found, problem := find[string](c.server, c.args[1])
	if problem != nil || !found {
		return problem
	}
	return value
}

func getrange(c *call) any {
	from, err := strconv.Atoi(c.args[2])
	to, err2 := strconv.Atoi(c.args[3])
	if err != nil || err2 != nil {
		return notInteger
	}
	value, _, problem := find[string](c.server, c.args[1])
	if problem != nil {
		return problem
	}
	if from < 0 {
		from = max(len(value)+from, 0)
	}
	if to < 0 {
		to = max(len(value)+to, 0)
	}
	to = min(to, len(value)-1)
	if from > to || len(value) == 0 {
		return ""
	}
	return value[from : to+1]
}

// setting is how SET is to be done.
type setting struct {
	onlyNew, onlyOld, answer bool
	expires                  int64
}

func set(c *call) any {
	how, problem := c.readSetting()
	if problem != nil {
		return problem
	}
	held := c.server.look(c.args[1])
	var before any
	if how.answer && held != nil {
		text, is := held.value.(string)
		if !is {
			return wrongType
		}
		before = text
	}
	if how.onlyNew && held != nil || how.onlyOld && held == nil {
		return before
	}
	if held != nil {
		c.server.touched(c.args[1])
	}
	c.server.keys[c.args[1]] = &item{value: c.args[2], expires: how.expires}
	if how.answer {
		return before
	}
	return ok
}

func (c *call) readSetting() (how setting, problem any) {
	for i := 3; i < len(c.args); i++ {
		switch word := strings.ToUpper(c.args[i]); word {
		case "NX":
			how.onlyNew = true
		case "XX":
			how.onlyOld = true
		case "GET":
			how.answer = true
		case "PX", "EX":
			if i++; i == len(c.args) {
				return how, syntaxError
			}
			duration, err := strconv.ParseInt(c.args[i], 10, 64)
			switch {
			case err != nil:
				return how, notInteger
			case duration <= 0:
				return how, Error("ERR invalid expire time in 'set' command")
			case word == "EX":
				duration *= 1000
			}
			how.expires = c.server.millis() + duration
		default:
			return how, syntaxError
		}
	}
	if how.onlyNew && how.onlyOld {
		return how, syntaxError
	}
	return how, nil
}

func pttl(c *call) any {
	held := c.server.look(c.args[1])
	switch {
	case held == nil:
		return int64(-2)
	case held.expires == 0:
		return int64(-1)
	}
	return held.expires - c.server.millis()
}

func pexpire(c *call) any {
	duration, err := strconv.ParseInt(c.args[2], 10, 64)
	if err != nil {
		return notInteger
	}
	if duration > math.MaxInt64/2 {
		return Error("ERR invalid expire time in 'pexpire' command")
	}
	held := c.server.look(c.args[1])
	if held == nil {
		return int64(0)
	}
	if duration <= 0 {
		c.server.delete(c.args[1])
		return int64(1)
	}
	held.expires = c.server.millis() + duration
	return int64(1)
}

func del(c *call) any {
	removed := int64(0)
	for _, key := range c.args[1:] {
		if c.server.look(key) != nil {
			removed += boolean(c.server.delete(key))
		}
	}
	return removed
}

func rename(c *call) any {
	from, to := c.args[1], c.args[2]
	held := c.server.look(from)
	if held == nil {
		return Error("ERR no such key")
	}
	if from != to {
		c.server.delete(from)
		c.server.delete(to)
		c.server.keys[to] = held
		c.server.touched(to)
	}
	return ok
}

func exists(c *call) any {
	found := int64(0)
	for _, key := range c.args[1:] {
		found += boolean(c.server.look(key) != nil)
	}
	return found
}

func typeOf(c *call) any {
	held := c.server.look(c.args[1])
	if held == nil {
		return Status("none")
	}
	return Status(kindOf(held.value))
}
