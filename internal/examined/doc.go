// Package examined is what an examination of adapters on Redis examines them
// on: services with keys of their own on real servers, and what the network
// and an operator do to them. Only tests import it.
package examined
