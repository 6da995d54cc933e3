package simredis

import (
	"cmp"
	"slices"
	"strconv"
)

// hash keeps its fields in the order in which they came.
type hash struct {
	fields map[string]*hashField
	order  []*hashField
	last   uint64
	// large: it is not kept as a list any more, and HSCAN pages through it.
	large bool
}

type hashField struct {
	name, value string
	place       uint64
}

// Beyond these a hash is large, for ever.
const (
	listedFields = 128
	listedBytes  = 64
)

func newHash() *hash { return &hash{fields: make(map[string]*hashField)} }

func (h *hash) get(name string) (string, bool) {
	field := h.fields[name]
	if field == nil {
		return "", false
	}
	return field.value, true
}

// set reports whether the field is new.
func (h *hash) set(name, value string) bool {
	field, found := h.fields[name]
	if !found {
		h.last++
		field = &hashField{name: name, place: h.last}
		h.fields[name] = field
		h.order = append(h.order, field)
	}
	field.value = value
	h.large = h.large || len(h.order) > listedFields || max(len(name), len(value)) > listedBytes
	return !found
}

func (h *hash) remove(name string) bool {
	field, found := h.fields[name]
	if found {
		delete(h.fields, name)
		at := h.after(field.place - 1)
		h.order = slices.Delete(h.order, at, at+1)
	}
	return found
}

// after is the position of the first field behind a place.
func (h *hash) after(place uint64) int {
	at, _ := slices.BinarySearchFunc(h.order, place+1, func(f *hashField, place uint64) int { return cmp.Compare(f.place, place) })
	return at
}

func (h *hash) copy() *hash {
	twin := newHash()
	twin.last, twin.large = h.last, h.large
	for _, field := range h.order {
		copied := *field
		twin.fields[field.name] = &copied
		twin.order = append(twin.order, &copied)
	}
	return twin
}

func (c *call) hash() (*hash, any) {
	found, _, problem := find[*hash](c.server, c.args[1])
	if found == nil {
		found = newHash()
	}
	return found, problem
}

func hget(c *call) any {
	h, problem := c.hash()
	if problem != nil {
		return problem
	}
	if value, found := h.get(c.args[2]); found {
		return value
	}
	return nil
}

func hmget(c *call) any {
	h, problem := c.hash()
	if problem != nil {
		return problem
	}
	var replies []any
	for _, name := range c.args[2:] {
		if value, found := h.get(name); found {
			replies = append(replies, value)
		} else {
			replies = append(replies, nil)
		}
	}
	return replies
}

func hgetall(c *call) any {
	h, problem := c.hash()
	if problem != nil {
		return problem
	}
	var pairs Pairs
	for _, field := range h.order {
		pairs = append(pairs, field.name, field.value)
	}
	return pairs
}

func hlen(c *call) any {
	h, problem := c.hash()
	if problem != nil {
		return problem
	}
	return int64(len(h.order))
}

func hexists(c *call) any {
	h, problem := c.hash()
	if problem != nil {
		return problem
	}
	_, found := h.get(c.args[2])
	return boolean(found)
}

func hset(c *call) any {
	if len(c.args)%2 != 0 {
		return wrongArity(c.args[0])
	}
	h, problem := findOrMake(c.server, c.args[1], newHash)
	if problem != nil {
		return problem
	}
	added := int64(0)
	for i := 2; i < len(c.args); i += 2 {
		added += boolean(h.set(c.args[i], c.args[i+1]))
	}
	return added
}

func hsetnx(c *call) any {
	h, problem := findOrMake(c.server, c.args[1], newHash)
	if problem != nil {
		return problem
	}
	if _, found := h.get(c.args[2]); found {
		return int64(0)
	}
	h.set(c.args[2], c.args[3])
	return int64(1)
}

func hincrby(c *call) any {
	by, err := strconv.ParseInt(c.args[3], 10, 64)
	if err != nil {
		return notInteger
	}
	h, problem := findOrMake(c.server, c.args[1], newHash)
	if problem != nil {
		return problem
	}
	now := int64(0)
	if text, found := h.get(c.args[2]); found {
		if now, err = strconv.ParseInt(text, 10, 64); err != nil {
			return Error("ERR hash value is not an integer")
		}
	}
	h.set(c.args[2], strconv.FormatInt(now+by, 10))
	return now + by
}

func hdel(c *call) any {
	h, problem := c.hash()
	if problem != nil {
		return problem
	}
	removed := int64(0)
	for _, name := range c.args[2:] {
		removed += boolean(h.remove(name))
	}
	if removed > 0 && len(h.order) == 0 {
		c.server.delete(c.args[1])
	}
	return removed
}

// hscan answers a list as a whole, and pages through a large hash. The cursor
// is the place of the last field that was answered, so that what stays in the
// hash all the time is answered.
func hscan(c *call) any {
	cursor, err := strconv.ParseUint(c.args[2], 10, 64)
	if err != nil {
		return Error("ERR invalid cursor")
	}
	count := 10
	for i := 3; i < len(c.args); i += 2 {
		if !is(c.args[i], "COUNT") || i+1 == len(c.args) {
			return syntaxError
		}
		if count, err = strconv.Atoi(c.args[i+1]); err != nil {
			return notInteger
		}
	}
	h, problem := c.hash()
	if problem != nil {
		return problem
	}
	page, next := h.order, "0"
	if h.large {
		page = h.order[h.after(cursor):]
		if len(page) > count {
			page = page[:count]
			next = strconv.FormatUint(page[count-1].place, 10)
		}
	}
	found := []any{}
	for _, field := range page {
		found = append(found, field.name, field.value)
	}
	return []any{next, found}
}
