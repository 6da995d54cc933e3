// Bench measures streamlease beside what is done without it, on Redis servers
// that it starts itself. make bench runs it and writes docs/benchmarks.md.
//
//	wire      counts commands, round trips and bytes at the connections
//	usage     what the operating system has given a process
//	server    the Redis servers
//	member    what a member process does, and baseline what others do instead
//	fleet     the member processes, seen from the program
//	measure   the measurements; its tests look at their counts in small
//	suite     the sizes and the runs
//	report    the table, the document and the curves
package main
