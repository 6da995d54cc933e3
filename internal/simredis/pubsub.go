package simredis

import (
	"maps"
	"slices"
	"strings"
)

func publish(c *call) any { return c.server.publish(c.args[1], c.args[2]) }

// publish counts those who are told.
func (s *Server) publish(channel, message string) (told int64) {
	for _, id := range slices.Sorted(maps.Keys(s.clients)) {
		if listener := s.clients[id]; slices.Contains(listener.channels, channel) {
			listener.answer(push{"message", channel, message})
			told++
		}
	}
	return told
}

func subscribe(c *call) any {
	for _, channel := range c.args[1:] {
		if !slices.Contains(c.client.channels, channel) {
			c.client.channels = append(c.client.channels, channel)
		}
		c.client.answer(push{"subscribe", channel, int64(len(c.client.channels))})
	}
	return answered
}

func unsubscribe(c *call) any {
	channels := c.args[1:]
	if len(channels) == 0 {
		channels = slices.Clone(c.client.channels)
	}
	for _, channel := range channels {
		c.client.channels = slices.DeleteFunc(c.client.channels, func(other string) bool { return other == channel })
		c.client.answer(push{"unsubscribe", channel, int64(len(c.client.channels))})
	}
	return answered
}

// announceEvent tells those who listen to key events, if the setting says so.
func (s *Server) announceEvent(kind rune, event, key string) {
	flags := s.settings["notify-keyspace-events"]
	if strings.ContainsRune(flags, 'E') && (strings.ContainsRune(flags, kind) || strings.ContainsRune(flags, 'A')) {
		s.publish("__keyevent@0__:"+event, key)
	}
}

// Evict removes a key as a server under memory pressure does.
func (s *Server) Evict(key string) {
	if s.delete(key) {
		s.Changes++
		s.announceEvent('e', "evicted", key)
	}
}
