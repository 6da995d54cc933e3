// Package commandline is what the programs of this repository have in common:
// how they take arguments, explain wrong use, show progress and are interrupted.
package commandline
