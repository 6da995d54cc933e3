package failures_test

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// A replica may not have heard yet of what its master has decided. So a client
// that may read from replicas is warned of, and its word is not taken.

// anyLatency makes every node near enough.
const anyLatency = time.Hour

func TestLeasesAndAssignmentsAreNeverReadFromAReplicaOfACluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, 1, 2)
	for name, readsFromReplicas := range map[string]func(*redis.ClusterOptions){
		"ReadOnly":       func(o *redis.ClusterOptions) { o.ReadOnly = true },
		"RouteByLatency": func(o *redis.ClusterOptions) { o.RouteByLatency, o.RouteByLatencyTolerance = true, anyLatency },
		"RouteRandomly":  func(o *redis.ClusterOptions) { o.RouteRandomly = true },
	} {
		t.Run(name, func(t *testing.T) {
			log := workWatched(t, cluster.Client(t, readsFromReplicas), cluster.Masters, cluster.Replicas)
			assert.Contains(t, log, "level=WARN")
			assert.Contains(t, log, "reads from replicas")
		})
	}
}

// Two plain servers look like a cluster to redis.NewFailoverClusterClient, and
// to whoever gives ClusterSlots.
func TestLeasesAndAssignmentsAreNeverReadFromAReplicaOfAPlainServer(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	replica := redistest.StartReplica(t, master)
	handedIn := redis.NewClusterClient(&redis.ClusterOptions{
		ClusterSlots: func(context.Context) ([]redis.ClusterSlot, error) {
			nodes := []redis.ClusterNode{{Addr: master.Addr()}, {Addr: replica.Addr()}}
			return []redis.ClusterSlot{{Start: 0, End: 16383, Nodes: nodes}}, nil
		},
		RouteRandomly: true,
	})
	defer func() { assert.NoError(t, handedIn.Close()) }()
	log := workWatched(t, handedIn, []*redistest.Server{master}, []*redistest.Server{replica})
	assert.Contains(t, log, "reads from replicas")
}

func TestAClientThatIsForReplicasOnlyIsRefusedByInit(t *testing.T) {
	t.Parallel()
	sentinel := redistest.StartSentinel(t)
	handedIn := sentinel.Client(t, func(o *redis.FailoverOptions) { o.ReplicaOnly = true })
	client, _ := newClient(t, handedIn, streamlease.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := client.Init(ctx)
	t.Logf("Init: %v", err)
	require.ErrorIs(t, err, streamlease.ErrRefused)
	for _, says := range []string{sentinel.Replica.Addr(), "the server is a replica", "point the client at the master"} {
		assert.ErrorContains(t, err, says)
	}
	require.NoError(t, client.Close(ctx))
}

// workWatched lets a member do all that members do, and looks at which
// servers were asked. It returns what the member logged.
func workWatched(t *testing.T, handedIn redis.UniversalClient, masters, replicas []*redistest.Server) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ofReplicas := questions(t, replicas)
	client, log := newClient(t, handedIn, streamlease.Config{TTL: 2 * time.Second, SweepInterval: time.Second})
	notifications, err := client.Init(ctx)
	require.NoError(t, err)
	source, err := goredis.NewSource(handedIn, serviceName)
	require.NoError(t, err)
	_, err = source.Announce(ctx, []ports.Assignment{{Ref: ports.StreamRef{Name: "a"}}})
	require.NoError(t, errors.Join(err, source.Close()))
	stream := receiveStreams(t, notifications, 1)["a"]
	go readOn(notifications)
	_, err = client.Claim(ctx, streamlease.StreamRef{Name: "nobody's", MessageID: "1-1"})
	require.ErrorIs(t, err, streamlease.ErrDone)
	// A while of all that comes again and again: reads, renewals, heartbeats, sweeps.
	const aWhile = 30
	ofMasters := questions(t, masters)
	awaitThat(t, "the member goes on", func() bool { return questions(t, masters) >= ofMasters+aWhile })
	require.NoError(t, stream.Done(ctx))
	require.NoError(t, client.Close(ctx))
	assert.Equal(t, ofReplicas, questions(t, replicas), "questions that replicas have answered")

	awaitThat(t, "the client handed in reads from a replica, else nothing was shown", func() bool {
		err := handedIn.Get(ctx, "a").Err()
		require.ErrorIs(t, err, redis.Nil)
		return questions(t, replicas) > ofReplicas
	})
	return log.String()
}

// awaitThat waits until the condition holds, for tests without a scenario.
func awaitThat(t *testing.T, what string, condition func() bool) {
	t.Helper()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for began := time.Now(); !condition(); <-look.C {
		require.Less(t, time.Since(began), patience, "waited in vain until %s", what)
	}
}

// aQuestion is a command that reads and that a replica does not hear from its
// master: scripts and reads by a group reach it as the writes that came of them.
var aQuestion = regexp.MustCompile(`cmdstat_(?:eval|evalsha|get|type|xreadgroup|subscribe)(?:_ro)?:calls=(\d+)`)

// questions is how many of them the servers have answered so far.
func questions(t *testing.T, servers []*redistest.Server) (answered int) {
	t.Helper()
	for _, server := range servers {
		client := redis.NewClient(&redis.Options{Addr: server.Addr()})
		statistics, err := client.Info(t.Context(), "commandstats").Result()
		require.NoError(t, errors.Join(err, client.Close()))
		for _, found := range aQuestion.FindAllStringSubmatch(statistics, -1) {
			calls, err := strconv.Atoi(found[1])
			require.NoError(t, err)
			answered += calls
		}
	}
	return answered
}
