// Package snippets holds only tests: that the Go code in the documents compiles.
// Each Go block of a document stands word for word in a Go file of the
// repository: in an example, or in one of the files here, which are there for
// that alone.
package snippets
