package core

import "time"

// Machine is the protocol of one member.
type Machine struct{}

// New makes a machine. The error is that of Config.Validate.
func New(config Config) (*Machine, error) { return nil, config.Validate() }

// Step feeds events to the machine, at the instant now, and returns what is to
// be done. The slice is valid until the next Step.
func (m *Machine) Step(now time.Duration, events ...Event) []Command { return nil }

// Notification is what the application should receive next, if anything. When
// it was received, NotificationReceived must be the next event.
func (m *Machine) Notification() (Notification, bool) { return Notification{}, false }
