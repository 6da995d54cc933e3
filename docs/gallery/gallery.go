// Package gallery holds famous failures as pages of the simulator, each made by
// the command that stands here. README.md says what they show.
package gallery

//go:generate go run ../../cmd/sim run gc-pause --seed=1 --quiet --html=gc-pause.html
//go:generate go run ../../cmd/sim run reply-lost-after-take --seed=1 --quiet --html=reply-lost.html
//go:generate go run ../../cmd/sim run failover-loses-the-lease --seed=1 --quiet --html=failover-loses-the-lease.html
//go:generate go run ../../cmd/sim run lost-hints --seed=1 --quiet --html=lost-hint.html
//go:generate go run ../../cmd/sim run zombie-write --seed=1 --quiet --html=zombie-write.html
//go:generate go run ../../cmd/sim run clock-drift-outside --seed=1 --quiet --html=clock-drift.html
//go:generate go run ../../cmd/sim run two-processes-with-one-id --seed=1 --quiet --html=two-processes-with-one-id.html
//go:generate go run ../../cmd/sim run frozen-after-acquire --seed=2 --quiet --html=expiry-while-waiting.html
