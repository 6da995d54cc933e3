// Package failures holds only tests: what goes wrong in a service's life, on
// real Redis, with members as processes of their own that are killed and
// frozen. Each test is one story, named after the sentence that it proves.
//
// A scenario is one service with its Redis, its members and a producer. The
// members use nothing but the public API. They say what happens to them, line
// by line, and write what they do to a resource of their own, which fences.
// The test keeps books on what they say, and the library knows of neither the
// books nor the resource. In the end the three must agree: each stream was
// finished once by an effect that the resource accepted, no member heard what
// it must not hear, and Redis holds nothing any more.
//
// Tests wait for conditions with generous bounds and print how long it took.
package failures
