package failures_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/proctest"
)

// member is one member process, as the test sees it.
type member struct {
	t       testing.TB
	id      string
	books   *books
	deadly  []string // streams that kill it
	process *proctest.Member
	clock   func() time.Duration

	frozen    atomic.Bool
	pauses    pauses
	expected  atomic.Bool   // to end
	listened  chan struct{} // closed when all that it said is in the books
	complaint atomic.Pointer[string]
}

func startMember(t testing.TB, books *books, clock func() time.Duration, settings settings) *member {
	t.Helper()
	return startProgram(t, memberProgram, books, clock, settings)
}

func startProgram(t testing.TB, program string, books *books, clock func() time.Duration, settings settings) *member {
	t.Helper()
	started := &member{
		t: t, id: settings.ID, books: books, deadly: settings.Deadly, clock: clock,
		listened: make(chan struct{}),
	}
	// Registered before the process's own clean-up, so it comes after it.
	t.Cleanup(func() {
		if started.process != nil {
			<-started.listened
		}
	})
	if settings.binary == "" {
		started.process = proctest.StartMember(t, program, encode(settings))
	} else {
		started.process = proctest.StartMemberOf(t, settings.binary, program, encode(settings))
	}
	go started.listen()
	return started
}

// String is the member's ID.
func (m *member) String() string { return m.id }

// listen writes down what the member says until it has ended.
func (m *member) listen() {
	defer close(m.listened)
	for {
		line, err := m.process.Receive(context.Background())
		if err != nil {
			return
		}
		var report report
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&report); err != nil {
			complaint := fmt.Sprintf("%v said %.200q: %v", m, line, err)
			m.complaint.Store(&complaint)
			continue
		}
		m.books.enter(m, report)
	}
}

// health is why nothing can be expected of the member any more; nil: it is
// well, or was ended by the test.
func (m *member) health() error {
	if complaint := m.complaint.Load(); complaint != nil {
		return fmt.Errorf("%s", *complaint)
	}
	if state := m.process.State(); state != nil && !m.expected.Load() && !m.killedItself() {
		return fmt.Errorf("%v ended by itself: %v", m, state)
	}
	return nil
}

// ask sends a request. It is read as soon as the member is awake.
func (m *member) ask(action action, refs ...streamlease.StreamRef) {
	m.t.Helper()
	require.NoError(m.t, m.process.Send(encode(request{Action: action, Refs: refs})), "ask %v to %s", m, action)
}

// kill9 ends the member at once; at is the instant before.
func (m *member) kill9() (at time.Duration) {
	m.expected.Store(true)
	at = m.clock()
	m.process.Kill9()
	<-m.listened
	m.books.killed(m, at)
	return at
}

// freeze stops the member where it is; at is the instant before.
func (m *member) freeze() (at time.Duration) {
	m.t.Helper()
	at = m.clock()
	m.frozen.Store(true)
	m.pauses.begin(at)
	require.NoError(m.t, m.process.Freeze())
	return at
}

// thaw lets a frozen member go on; at is the instant before.
func (m *member) thaw() (at time.Duration) {
	m.t.Helper()
	at = m.clock()
	require.NoError(m.t, m.process.Thaw())
	m.frozen.Store(false)
	m.pauses.end(m.clock())
	return at
}

// beginClose asks the member to end by Close; at is the instant before.
func (m *member) beginClose() (at time.Duration) {
	m.t.Helper()
	m.expected.Store(true)
	at = m.clock()
	m.ask(actClose)
	return at
}

// awaitEnd waits until the member has ended as it should: Close succeeded, and
// no goroutine was left behind.
func (m *member) awaitEnd() {
	m.t.Helper()
	select {
	case <-m.listened:
		require.True(m.t, m.process.State().Success(), "%v ended with %v", m, m.process.State())
	case <-time.After(patience):
		require.Fail(m.t, "a member does not end", "%v has not ended %v after it was asked to close", m, patience)
	}
}

// isOver reports whether the test has ended the member.
func (m *member) isOver() bool { return m.expected.Load() }
