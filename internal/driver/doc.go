// Package driver stands between the core and the ports. It turns the commands
// of a core.Machine into calls to ports, and what they answer into events.
//
// The translation (Translator, Header, Unanswered, Allowance) is pure: no
// goroutine, no clock, no channel. Whoever drives a machine uses it: Calls does
// so with a goroutine for each call that is under way; a simulator does so from
// one event loop, calling Translator.Call at the instant at which it lets a
// call take effect, and Unanswered for a reply that it loses.
//
// Only the client of the root package and the simulator may import it.
package driver
