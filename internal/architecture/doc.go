// Package architecture holds only tests: that imports point inwards, from
// adapters to ports to core, and that nobody compiles what they do not use.
package architecture
