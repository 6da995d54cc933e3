// Package endtoend holds only tests: a whole service as its users write it, with
// Client.Run, goredis.Reader and a fenced resource, on real Redis. Its members
// are processes of their own that are killed, frozen and redeployed while they
// work. Then what was produced and what was processed must agree.
package endtoend
