package memory

import "github.com/streamlease/streamlease/ports"

// Service is the ports of one service. All members that are given the
// same Service coordinate with each other.
type Service struct {
	Source      *Source
	Leases      *Leases
	Notifier    *Notifier
	Checkpoints *Checkpoints
}

// New makes an empty service. The error is that of Config.Validate.
func New(config Config) (*Service, error) {
	source, err := NewSource(config)
	if err != nil {
		return nil, err
	}
	leases, err := NewLeases(config)
	if err != nil {
		return nil, err
	}
	notifier, err := NewNotifier(config, leases)
	if err != nil {
		return nil, err
	}
	checkpoints, err := NewCheckpoints(config)
	if err != nil {
		return nil, err
	}
	return &Service{Source: source, Leases: leases, Notifier: notifier, Checkpoints: checkpoints}, nil
}

// Ports is what a member needs. It may be called once for each member, or once
// for all.
func (s *Service) Ports() ports.Set {
	return ports.Set{Source: s.Source, Leases: s.Leases, Notifier: s.Notifier, Checkpoints: s.Checkpoints}
}
