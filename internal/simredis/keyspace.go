package simredis

import (
	"maps"
	"slices"
)

// item is what is under a key.
type item struct {
	value   any   // string, *hash, *sortedSet or *stream
	expires int64 // milliseconds of the server's clock; 0: never
}

// kindOf is what TYPE says.
func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "string"
	case *hash:
		return "hash"
	case *sortedSet:
		return "zset"
	case *stream:
		return "stream"
	default:
		return "none"
	}
}

// look returns what is under a key, or nil. What has expired is deleted first.
func (s *Server) look(key string) *item {
	found := s.keys[key]
	if found != nil && found.expires != 0 && found.expires <= s.millis() {
		s.delete(key)
		s.announceEvent('x', "expired", key)
		return nil
	}
	return found
}

func (s *Server) delete(key string) bool {
	if _, found := s.keys[key]; !found {
		return false
	}
	delete(s.keys, key)
	s.touched(key)
	return true
}

func (s *Server) put(key string, value any) {
	s.keys[key] = &item{value: value}
}

// wrongType is what a command for another type is answered.
const wrongType = Error("WRONGTYPE Operation against a key holding the wrong kind of value")

// find returns the value of type T under a key; the zero value if there is
// none. problem is not nil if there is one of another type.
func find[T any](s *Server, key string) (value T, found bool, problem any) {
	held := s.look(key)
	if held == nil {
		return value, false, nil
	}
	value, found = held.value.(T)
	if !found {
		return value, false, wrongType
	}
	return value, true, nil
}

// findOrMake returns the value under a key, and makes it if there is none.
func findOrMake[T any](s *Server, key string, create func() T) (value T, problem any) {
	value, found, problem := find[T](s, key)
	if found || problem != nil {
		return value, problem
	}
	value = create()
	s.put(key, value)
	return value, nil
}

// Keys lists the keys that have not expired, in order.
func (s *Server) Keys() []string {
	keys := slices.Sorted(maps.Keys(s.keys))
	return slices.DeleteFunc(keys, func(key string) bool { return s.look(key) == nil })
}

// ExpireDue deletes what has expired, as the server does by itself now and
// then.
func (s *Server) ExpireDue() { s.Keys() }

// Data is a copy of a keyspace: what a replica or a file on disk knows.
type Data struct{ keys map[string]*item }

// Copy copies the keyspace.
func (s *Server) Copy() Data { return Data{copyKeys(s.keys)} }

func copyKeys(keys map[string]*item) map[string]*item {
	copied := make(map[string]*item, len(keys))
	for key, held := range keys {
		twin := *held
		switch value := held.value.(type) {
		case *hash:
			twin.value = value.copy()
		case *sortedSet:
			twin.value = value.copy()
		case *stream:
			twin.value = value.copy()
		}
		copied[key] = &twin
	}
	return copied
}
