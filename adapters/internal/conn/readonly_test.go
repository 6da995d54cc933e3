package conn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestOverAReadOnlyLaneTheServerRefusesScriptsThatCouldWrite(t *testing.T) {
	server := redistest.Start(t)
	c := open(t, server.Client(t))
	reading := c.ShareReadOnly()
	defer func() { require.NoError(t, reading.Close()) }()

	get := conn.NewScript("get.lua", "#!lua flags=no-writes\nreturn {redis.call('GET', KEYS[1]) or ''}")
	set := conn.NewScript("set.lua", "#!lua\nreturn {redis.call('SET', KEYS[1], 'x').ok}")
	_, err := set.Run(within(t, patience), reading.Rest, []string{c.Probe()})
	require.ErrorContains(t, err, "write")
	_, err = set.Run(within(t, patience), c.Rest, []string{c.Probe()})
	require.NoError(t, err)

	reply, err := get.Run(within(t, patience), reading.Rest, []string{c.Probe()})
	require.NoError(t, err)
	require.Equal(t, []any{"x"}, reply)
	require.NoError(t, server.Client(t).ScriptFlush(t.Context()).Err())
	answers := get.RunAll(within(t, patience), reading.Rest, []conn.Call{{Keys: []string{c.Probe()}}, {Keys: []string{c.Probe()}}})
	for _, answer := range answers {
		require.NoError(t, answer.Err)
		require.Equal(t, []any{"x"}, answer.Reply)
	}
}
