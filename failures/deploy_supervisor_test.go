package failures_test

import (
	"os"
	"slices"
	"syscall"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
)

// killThisProcess does not return.
func killThisProcess() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // it cannot fail: we are there
	select {}
}

// killedItself reports whether the member has ended by SIGKILL and has streams
// that do so.
func (m *member) killedItself() bool {
	state := m.process.State()
	if state == nil || len(m.deadly) == 0 {
		return false
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// awaitSupervised is await with a supervisor, which starts each member again
// that has killed itself, as a process with the same ID.
func (s *scenario) awaitSupervised(what string, condition func() error) {
	s.t.Helper()
	s.await(what, func() error {
		s.t.Helper()
		for _, dead := range s.living() {
			if dead.killedItself() {
				s.restart(dead)
			}
		}
		return condition()
	})
}

// restart starts another process in place of one that has killed itself.
func (s *scenario) restart(dead *member) {
	s.t.Helper()
	<-dead.listened
	deadly := s.deadlyTenures(dead)
	require.NotEmpty(s.t, deadly, "%v was killed, and had none of the streams that do so", dead)
	dead.expected.Store(true)
	s.books.killed(dead, deadly[len(deadly)-1].began)
	settings := s.settings
	settings.ID = dead.id
	s.startMemberWith(settings)
}

// deadlyTenures are the tenures that killed the member: one, if any.
func (s *scenario) deadlyTenures(of *member) []tenure {
	return slices.DeleteFunc(s.books.begunBy(of), func(tenure tenure) bool {
		return !slices.Contains(of.deadly, tenure.ref.Name)
	})
}

// expectUnfinished takes streams that are in quarantine from those that are to
// be finished.
func (s *scenario) expectUnfinished(refs ...streamlease.StreamRef) {
	s.quarantined = append(s.quarantined, refs...)
	s.announced = slices.DeleteFunc(s.announced, func(ref streamlease.StreamRef) bool {
		return slices.Contains(refs, ref)
	})
}
