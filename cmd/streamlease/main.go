// Command streamlease shows whoever is on call what a service on Redis is doing,
// and mends it:
//
//	streamlease ls --service orders       every stream: state, owner, token, lease
//	streamlease members                   who is there, and who is not any more
//	streamlease show order-4711           one stream, with its last endings
//	streamlease quarantine ls             what could not be processed, and why
//	streamlease doctor                    what this server guarantees, and what not
//
// --help shows the rest, with examples. The exit status is 0 when all is well, 1
// when something is not as it should be (also a server that does not answer), 2
// when the program was used wrongly.
package main

import (
	"context"
	"os"

	"github.com/redis/go-redis/v9"
)

func main() {
	redis.SetLogger(quiet{})
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// quiet keeps go-redis from writing what the program says better itself.
type quiet struct{}

// Printf writes nothing.
func (quiet) Printf(context.Context, string, ...any) {}
