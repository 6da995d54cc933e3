package driver_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/driver"
	"github.com/streamlease/streamlease/ports"
)

// closer counts how often it is closed.
type closer struct {
	*port
	closes int
}

func (c *closer) Close() error {
	c.closes++
	return c.port.err
}

// uncomparable would make == panic.
type uncomparable struct {
	*port
	_ []int
}

func (uncomparable) Check(context.Context) ([]string, error) { return nil, errBroken }

func TestCheckGathersWhatEveryPortSays(t *testing.T) {
	good, bad, other := newPort(), newPort(), newPort()
	bad.err = errBroken
	warnings, err := driver.Check(t.Context(), ports.Set{Source: good, Leases: bad, Notifier: other})
	require.Equal(t, []string{"it is slow"}, warnings, "what all three say of their server is told once")
	require.ErrorIs(t, err, errBroken)
	for _, asked := range []*port{good, bad, other} {
		require.Len(t, asked.calls, 1)
	}
}

func TestCheckOfAPortThatPanicsIsAnError(t *testing.T) {
	port := newPort()
	port.panics = "boom"
	_, err := driver.Check(t.Context(), port.set())
	require.ErrorContains(t, err, "boom")
}

func TestPortsOfAnyTypeAreToldApart(t *testing.T) {
	one, two := uncomparable{port: newPort()}, uncomparable{port: newPort()}
	_, err := driver.Check(t.Context(), ports.Set{Source: one, Leases: two})
	require.ErrorIs(t, err, errBroken)
}

func TestCloseClosesEachPortOnce(t *testing.T) {
	both, other := &closer{port: newPort()}, &closer{port: newPort()}
	other.port.err = errBroken
	err := driver.Close(ports.Set{Source: both, Leases: both, Notifier: other})
	require.ErrorIs(t, err, errBroken)
	require.Equal(t, 1, both.closes)
	require.Equal(t, 1, other.closes)
	require.NoError(t, driver.Close(newPort().set()), "a port that cannot be closed needs no closing")
}
