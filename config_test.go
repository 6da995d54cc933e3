package streamlease_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/memory"
)

func somePorts(t *testing.T) streamlease.Config {
	service, err := memory.New(memory.Config{})
	require.NoError(t, err)
	return streamlease.Config{Ports: service.Ports()}
}

func TestPortsAreAllThatAConfigNeeds(t *testing.T) {
	config := somePorts(t)
	require.NoError(t, config.Validate())
	config.Ports.Notifier = nil
	require.NoError(t, config.Validate(), "the sweep alone will do")
}

func TestEveryMistakeInAConfigIsReportedAtOnce(t *testing.T) {
	config := streamlease.Config{
		TTL:        time.Second,
		Margin:     time.Second,
		RenewEvery: 2 * time.Second,
		MaxStreams: -1,
		Trial:      -time.Second,
	}
	_, err := streamlease.New(config)
	require.ErrorIs(t, err, streamlease.ErrInvalid)
	for _, field := range []string{"Ports.Source", "Ports.Leases", "Margin", "RenewEvery", "MaxStreams", "Trial"} {
		require.ErrorContains(t, err, field)
	}
	require.NotContains(t, err.Error(), "shape", "a missing store is one mistake")
}

func TestTheIDComesFromTheConfigThePlatformOrTheHost(t *testing.T) {
	id := func(configured string) string {
		config := somePorts(t)
		config.ID = configured
		client, err := streamlease.New(config)
		require.NoError(t, err)
		return client.ID()
	}
	t.Setenv("POD_NAME", "pod-7")
	t.Setenv("POD_IP", "10.0.0.7")
	require.Equal(t, "mine", id("mine"))
	require.Equal(t, "pod-7", id(""))
	t.Setenv("POD_NAME", "")
	require.Equal(t, "10.0.0.7", id(""))
	t.Setenv("POD_IP", "")
	require.NotEqual(t, id(""), id(""), "two processes of one host")
}

func TestParseStreamRefReadsWhatARefPrints(t *testing.T) {
	for _, ref := range []streamlease.StreamRef{
		{Name: "s1", MessageID: "1-0"},
		{Name: "a:b:c", MessageID: "1-0"},
		{Name: "line\nbreak\x00*?[", MessageID: "1-0"},
	} {
		parsed, err := streamlease.ParseStreamRef(ref.String())
		require.NoError(t, err)
		require.Equal(t, ref, parsed)
	}
	for _, text := range []string{"", "s1", ":1-0", "s1:", "a\xff:1-0", strings.Repeat("x", 1<<17) + ":1-0"} {
		_, err := streamlease.ParseStreamRef(text)
		require.ErrorIs(t, err, streamlease.ErrInvalid)
	}
}
