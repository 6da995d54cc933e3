// Package simnet is a network in the process, for simulations of real clients
// in a testing/synctest bubble: each connection hands what its client sends, as
// complete requests, to one Bus, and hears nothing but what the scheduler that
// reads the bus lets it hear. No goroutine of a client goes on by itself: once
// synctest.Wait has returned, all that they want is on the bus.
//
// Clients connect at once and are greeted at once; what comes after that is the
// scheduler's to delay, to lose and to answer.
package simnet
