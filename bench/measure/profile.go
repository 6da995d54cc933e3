package measure

import (
	"fmt"
	"path/filepath"

	"github.com/streamlease/streamlease/bench/member"
)

// profiled does something while the first member process is profiled, if that
// is wanted.
func (s *stage) profiled(do func() error) error {
	if s.setup.Profiles == "" {
		return do()
	}
	name := fmt.Sprintf("%s-%d.prof", s.setup.Store, s.announced)
	process := s.fleet.Processes[0]
	if _, err := process.Ask(member.Request{Action: member.Profile, Path: filepath.Join(s.setup.Profiles, name)}); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	_, err := process.Ask(member.Request{Action: member.ProfileEnd})
	return err
}
