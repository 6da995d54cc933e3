package examined

// Hearing is a service whose notifier is examined.
type Hearing struct{ *Service }

// Cut breaks what anybody is subscribed with.
func (h Hearing) Cut() error { return h.Operate("CLIENT", "KILL", "TYPE", "pubsub") }

// Refuse takes away what Watch needs.
func (h Hearing) Refuse() error {
	return h.Operate("ACL", "SETUSER", "default", "-subscribe")
}

// Accept gives it back, and all channels.
func (h Hearing) Accept() error {
	return h.Operate("ACL", "SETUSER", "default", "+@all", "allchannels")
}
