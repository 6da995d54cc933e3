package redisfence

import (
	"fmt"
	"strings"

	"github.com/streamlease/streamlease/core"
)

// sameTag refuses keys that may lie on other servers than the fence. Keys with
// different tags can share a slot by chance; nobody should build on that.
func sameTag(fence string, keys []string) error {
	tag := hashTag(fence)
	for _, key := range keys {
		if hashTag(key) != tag {
			return fmt.Errorf("%w: the key %.*q may lie on another server than the fence %.*q: give both the same hash tag, as in {order-7}:total and {order-7}:fence",
				core.ErrInvalid, longestShown, key, longestShown, fence)
		}
	}
	return nil
}

// hashTag is the part of a key that decides on its slot: what stands between
// the first '{' and the next '}' if that is not empty, else all of it.
func hashTag(key string) string {
	_, after, opened := strings.Cut(key, "{")
	tag, _, closed := strings.Cut(after, "}")
	if !opened || !closed || tag == "" {
		return key
	}
	return tag
}
