package combinations_test

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

// kindOfServer is a row of docs/compatibility.md.
type kindOfServer struct {
	what  string
	start func(t *testing.T) *servers
}

var kindsOfServers = []kindOfServer{
	{"one server, RESP3", func(t *testing.T) *servers { return single(t, func(*redis.Options) {}) }},
	{"one server, RESP2", func(t *testing.T) *servers { return single(t, func(o *redis.Options) { o.Protocol = 2 }) }},
	{"one server, database 3", func(t *testing.T) *servers { return single(t, func(o *redis.Options) { o.DB = 3 }) }},
	{"one server, Unix socket", overSocket},
	{"one server, TLS", overTLS},
	{"one server, an ACL user with the least rights", withLeastRights},
	{"Redis Cluster, three masters with a replica each", cluster},
	{"Redis Sentinel, after a failover", afterFailover},
}

// single runs a server and reaches it by options of which change makes some.
func single(t *testing.T, change func(*redis.Options), directives ...string) *servers {
	server := redistest.Start(t, directives...)
	return reach(t, func() redis.UniversalClient {
		options := &redis.Options{Addr: server.Addr()}
		change(options)
		return redis.NewClient(options)
	})
}

// reach is servers that one client stands for.
func reach(t *testing.T, client func() redis.UniversalClient) *servers {
	operator := client()
	t.Cleanup(func() { _ = operator.Close() })
	return &servers{operators: []redis.UniversalClient{operator}, clients: func() []redis.UniversalClient { return []redis.UniversalClient{client()} }}
}

func overSocket(t *testing.T) *servers {
	server := redistest.Start(t)
	return reach(t, func() redis.UniversalClient {
		return redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket()})
	})
}

func overTLS(t *testing.T) *servers {
	certificate, key, trusted := makeCertificate(t)
	server := redistest.Start(t, "tls-cert-file "+certificate, "tls-key-file "+key, "tls-ca-cert-file "+certificate, "tls-auth-clients no")
	address := listenWithTLS(t, server.Client(t))
	return reach(t, func() redis.UniversalClient {
		return redis.NewClient(&redis.Options{Addr: address, TLSConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}})
	})
}

// listenWithTLS tries ports until one is free.
func listenWithTLS(t *testing.T, operator *redis.Client) (address string) {
	require.Eventually(t, func() bool {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return false
		}
		address = listener.Addr().String()
		_, port, err := net.SplitHostPort(address)
		return errors.Join(err, listener.Close()) == nil && operator.ConfigSet(t.Context(), "tls-port", port).Err() == nil
	}, patience, 10*time.Millisecond)
	return address
}

// withLeastRights has the rights that the ports of goredis need together.
func withLeastRights(t *testing.T) *servers {
	commands := ofConnections
	for _, name := range []string{"goredis source", "goredis leases", "goredis notifier"} {
		commands += " " + portsAlone[name].commands
	}
	return withRights(t, commands)
}

// withRights is a server and its user who may use the commands, on the keys and
// channels of the services of this test, and on those channels.
func withRights(t *testing.T, commands string, channels ...string) *servers {
	user := "user member on >secret resetkeys ~{service*-input}:* ~service*-input resetchannels &{service*-input}:hints:*"
	for _, channel := range channels {
		user += " &" + channel
	}
	server := redistest.Start(t, user+" -@all +"+strings.ReplaceAll(strings.ToLower(commands), " ", " +"))
	s := reach(t, func() redis.UniversalClient {
		return redis.NewClient(&redis.Options{Addr: server.Addr(), Username: "member", Password: "secret"})
	})
	s.operators[0] = server.Client(t)
	return s
}

func cluster(t *testing.T) *servers {
	formed := redistest.StartCluster(t, 3, 1)
	return reach(t, func() redis.UniversalClient {
		return redis.NewClusterClient(&redis.ClusterOptions{Addrs: formed.Addrs()})
	})
}

// afterFailover is a pair whose master was killed.
func afterFailover(t *testing.T) *servers {
	sentinel := redistest.StartSentinel(t)
	s := reach(t, func() redis.UniversalClient {
		return redis.NewFailoverClient(&redis.FailoverOptions{MasterName: sentinel.MasterName, SentinelAddrs: []string{sentinel.Watcher.Addr()}})
	})
	sentinel.Master.Kill9()
	require.Eventually(t, func() bool { return s.operators[0].Set(t.Context(), "failed over", "yes", 0).Err() == nil }, patience, 10*time.Millisecond)
	return s
}
