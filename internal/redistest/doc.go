// Package redistest runs real Redis servers for tests: each on a free port of
// the loopback interface and on a Unix socket, with a folder of its own, and
// gone when the test ends, however it ends. Nothing else on the machine is
// touched, least of all a Redis that runs already.
//
//	server := redistest.Start(t, "appendonly yes", "maxmemory 10mb")
//	client := server.Client(t)
//	server.Freeze()
//	server.Thaw()
//	server.Restart()
//
// StartReplica runs a copy of a server, StartCluster forms a Redis Cluster and
// StartSentinel a master with a replica and a Sentinel; their servers can be
// killed and frozen one by one.
//
// The environment variable REDIS_SERVER names another binary than the
// redis-server of the PATH, Valkey's for instance. A test without a server
// fails and says how to install one: tests that skip prove nothing.
//
// Methods that cannot do their work fail the test that started the server, so
// they are for the goroutine of that test only, Freeze, Thaw and Kill9 apart.
package redistest
