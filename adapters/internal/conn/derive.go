package conn

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/streamlease/streamlease/core"
)

// poolSize is the largest number of connections of each lane. They are opened
// when needed and closed when idle. A lane's calls are few and bounded by the
// core; only reads that wait hold a connection for long, one for each member of
// a process. It is also the number of failed dials from which on go-redis does
// not dial for a call any more but once a second, in a goroutine that outlives
// the client: a small pool would come back late from an outage.
const poolSize = 1024

const (
	// dialAttempts and the pauses between them ride out a server that is just
	// restarting; an outage is ridden out by the core, call by call.
	dialAttempts = 3
	dialPauseMin = 10 * time.Millisecond
	dialPauseMax = 200 * time.Millisecond

	// idleConnections is how many connections a lane keeps when it is quiet.
	idleConnections = 16
)

// deriver makes lanes like one handed-in client.
type deriver struct {
	database int
	warnings []string
	// lane makes a lane whose connections are cut when until ends.
	lane func(keys Keys, until context.Context) *Lane
}

// LanesOf is what makes lanes like the client, for keys that are of no service.
// Each is cut when its ctx ends, and closed by the caller. Errors are those of
// Open.
func LanesOf(client redis.UniversalClient) (lane func(until context.Context) *Lane, err error) {
	derive, err := deriverOf(client)
	if err != nil {
		return nil, err
	}
	return func(until context.Context) *Lane { return derive.lane(Keys{}, until) }, nil
}

func deriverOf(client redis.UniversalClient) (deriver, error) {
	switch client := client.(type) {
	case *redis.Client:
		if client != nil {
			return deriveClient(client.Options()), nil
		}
	case *redis.ClusterClient:
		if client != nil {
			return deriveCluster(client.Options()), nil
		}
	case *redis.Ring:
		if client != nil {
			return deriveRing(client.Options()), nil
		}
	}
	return deriver{}, fmt.Errorf("%w: a client of type %T cannot be copied; hand in a *redis.Client, *redis.ClusterClient or *redis.Ring", core.ErrInvalid, client)
}

func deriveClient(handedIn *redis.Options) deriver {
	lane := func(keys Keys, until context.Context) *Lane {
		options := *handedIn
		server := &server{address: options.Addr}
		harden(&options, server, until)
		client := redis.NewClient(&options)
		return &Lane{client: client, home: keys.Stream(), server: server,
			nodeOf: func(context.Context, string) (*redis.Client, error) { return client, nil }}
	}
	return deriver{database: handedIn.DB, lane: lane}
}

func deriveCluster(handedIn *redis.ClusterOptions) deriver {
	lane := func(keys Keys, until context.Context) *Lane {
		options := *handedIn
		server := &server{}
		options.NewClient = func(node *redis.Options) *redis.Client {
			harden(node, server, until)
			return handedIn.NewClient(node)
		}
		// A replica may not have heard yet of what its master decided.
		options.ReadOnly, options.RouteByLatency, options.RouteRandomly = false, false, false
		client := redis.NewClusterClient(&options)
		return &Lane{client: client, home: keys.Stream(), server: server, moved: client.ReloadState,
			nodeOf: client.MasterForKey}
	}
	d := deriver{lane: lane}
	if handedIn.ReadOnly || handedIn.RouteByLatency || handedIn.RouteRandomly {
		d.warnings = append(d.warnings, "The client handed in reads from replicas, which may lag behind; leases and assignments are read from the master all the same.")
	}
	return d
}

func deriveRing(handedIn *redis.RingOptions) deriver {
	lane := func(keys Keys, until context.Context) *Lane {
		options := *handedIn
		server := &server{}
		options.NewClient = func(shard *redis.Options) *redis.Client {
			harden(shard, server, until)
			return handedIn.NewClient(shard)
		}
		client := redis.NewRing(&options)
		return &Lane{client: client, home: keys.Stream(), server: server,
			nodeOf: func(_ context.Context, key string) (*redis.Client, error) {
				return client.GetShardClientForKey(key)
			}}
	}
	return deriver{database: handedIn.DB, lane: lane, warnings: []string{
		"A ring moves the service to another server when its shard is down, and back later: each move is like a flush, and one owner for each stream is then promised only by fencing tokens. Use Sentinel or Cluster instead.",
	}}
}

// harden makes options fit for calls that must end by their ctx and must not
// be repeated behind our back.
func harden(options *redis.Options, server *server, until context.Context) {
	options.ContextTimeoutEnabled = true
	options.MaxRetries = -1
	options.PoolSize = poolSize
	options.MaxConcurrentDials = 0
	options.MaxActiveConns = 0
	options.MinIdleConns = 0
	options.MaxIdleConns = idleConnections
	// Pipelines go over the lane's own connections.
	options.PipelinePoolSize = -1
	options.DialerRetries = dialAttempts
	options.DialerRetryBackoff = redis.DialRetryBackoffExponential(dialPauseMin, dialPauseMax)
	// A budget for other traffic must not hold up a renewal.
	options.Limiter = nil
	// The handed-in client has put its own processor there, tied to its pool.
	options.PushNotificationProcessor = nil
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	options.ClientSideCache, options.ClientSideCacheConfig = nil, nil
	options.AutoPipelineOptions = nil
	// init reads 0 as its default and negative as none; after an init none is 0.
	options.ReadTimeout = orNone(options.ReadTimeout)
	options.WriteTimeout = orNone(options.WriteTimeout)
	options.Dialer = dialerFor(options, server, until)
}

func orNone(timeout time.Duration) time.Duration {
	if timeout == 0 {
		return -1
	}
	return timeout
}
